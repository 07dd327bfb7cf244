# shellcheck shell=bash
# What is published before the seed, the sample that follows from it, and how large it has to be.
cat > frame.csv <<'CSV'
hh,village,status
1,a,x
2,a,y
3,a,x
4,b,y
5,b,x
6,c,x
7,c,y
8,c,y
CSV
cat > design.yaml <<'YAML'
id: hh
stages:
  - {cluster: village, n: 2, method: pps_systematic, size: rows}
  - {n: 2, reserve: 1}
YAML
"$DAOHU" --lang en draw frame.csv --design design.yaml
"$DAOHU" --lang en draw frame.csv --design design.yaml --seed 20180114 --output sample.csv
cat sample.csv
"$DAOHU" --lang en draw frame.csv --design design.yaml --seed xyz --output -
echo "exit $?"
"$DAOHU" --lang en draw --rate 0.02 --error 0.005 --cluster-size 30 --icc 0.02
"$DAOHU" draw --rate 0.02 --detect 0.04
