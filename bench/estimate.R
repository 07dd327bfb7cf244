# SPDX-License-Identifier: AGPL-3.0-or-later
# The peer of `daohu estimate`: R's survey on the same CSV.  estimate.R FILE.csv strata|stages
suppressPackageStartupMessages(library(survey))
args <- commandArgs(TRUE)
x <- read.csv(args[1])
if (args[2] == "strata") {
	d <- svydesign(id = ~c, strata = ~h, weights = ~w, fpc = ~N1, data = x)
} else {
	d <- svydesign(id = ~c + id, weights = ~w, fpc = ~N1 + N2, data = x)
}
print(svymean(~y, d, deff = TRUE))
print(svytotal(~y, d))
print(svyratio(~y, ~x, d))
print(svymean(~g, d))
print(svyciprop(~I(z == 1), d, method = "xlogit"))
