# shellcheck shell=bash
# Figures from a sample, for people and as JSON; what is refused and why.
data=$REPO/tests/data/reference/survey/data
"$DAOHU" --lang en estimate "$data/apistrat.csv" --weights pw --strata stype --fpc fpc \
    --mean api00 --mean stype --ratio api00/api99 --quantile enroll:0.5 --explain
"$DAOHU" estimate "$data/apiclus1.csv" --weights pw --clusters dnum --fpc fpc \
    --prop "stype=='H'" --ci beta --domain 'api00 >= 600' --gini enroll --by sch.wide
cat > assess.csv <<'CSV'
hh,village,w,listed,missed,people
1,a,2,0,1,3
2,a,2,0,0,4
3,a,2,1,0,2
4,b,3,0,0,5
5,b,3,0,0,1
6,b,3,1,0,6
7,c,3,0,0,2
8,c,3,1,0,4
CSV
cat > spec.json <<'JSON'
{"data": "assess.csv", "design": {"kind": "clusters", "psu": "village", "weights": "w"}, "queries": [
 {"q": "missed_rate", "domain": "listed==0", "expr": "missed==1", "persons": "people"},
 {"q": "wrong_exit_rate", "domain": "listed==1", "expr": "missed==1"},
 {"q": "incidence", "missed": {"domain": "listed==0", "expr": "missed==1"},
  "wrong_exit": {"domain": "listed==1", "expr": "missed==1"},
  "remaining": 40, "unlisted": 2600, "exited": 320, "rural": 3000},
 {"q": "missed_rate", "domain": "listed==7", "expr": "missed==1"}]}
JSON
"$DAOHU" estimate --spec spec.json --table
echo "exit $?"
"$DAOHU" --lang en estimate --spec spec.json --explain | grep -c '"formula":'
sed -i 's/"kind": "clusters"/"kind": "purposive"/' spec.json
"$DAOHU" --lang en estimate --spec spec.json >/dev/null
echo "exit $?"
"$DAOHU" --lang en estimate assess.csv --mean nothing
echo "exit $?"
"$DAOHU" --lang en estimate assess.csv --strata village --clusters hh --domain 'people >' --mean people
echo "exit $?"
