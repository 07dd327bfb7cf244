# shellcheck shell=bash
# A configuration from two small tables, and the pairs with their reasons.
cat > a.csv <<'CSV'
id,name,birth,id_no
1,张伟明,1980-02-03,341299198002030010
2,李秀英,1955-11-20,341299195511200024
3,王芳,1990-06-01,
CSV
cat > b.csv <<'CSV'
id,name,birth,id_no
7,张伟明,19800203,341299198002030010
8,李秀瑛,19551120,341299195511200042
9,赵六,19701212,
CSV
"$DAOHU" --lang en link a.csv b.csv --suggest > link.yaml
grep -c kind link.yaml
"$DAOHU" --lang en link a.csv b.csv --config link.yaml --output pairs.csv
cut -d, -f1,2,4 pairs.csv
"$DAOHU" --lang en link a.csv
echo "exit $?"
echo 'fields: [' > bad.yaml
"$DAOHU" --lang en link a.csv b.csv --config bad.yaml --output -
echo "exit $?"
