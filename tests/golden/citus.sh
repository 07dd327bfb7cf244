# shellcheck shell=bash
# What is said to the extension citus, and how its answers are taken.  The extension itself is in no
# Debian package: here functions of its names write down what they are asked for.
run() { "$DAOHU" --lang en "$@"; }
areas=$REPO/tests/data/areas/yingshang.csv
base=${DAOHU_TEST_DB%/*}
made=()
# shellcheck disable=SC2329 # at the end
drop() { for d in "${made[@]}"; do psql -Xq "$DAOHU_TEST_DB" -c "DROP DATABASE IF EXISTS $d WITH (FORCE)"; done; }
trap drop EXIT
# mock NAME: a database of that name, with the extension
mock() {
    made+=("$1")
    psql -Xq "$DAOHU_TEST_DB" -c "CREATE DATABASE $1 TEMPLATE template0 ENCODING 'UTF8'"
    psql -Xq -v ON_ERROR_STOP=1 "$base/$1" <<SQL
CREATE SCHEMA mock;
ALTER DATABASE $1 SET search_path = public, mock;
SET search_path = mock;
CREATE TABLE said (no bigserial, what text);
CREATE TABLE pg_dist_local_group (groupid int);
INSERT INTO pg_dist_local_group VALUES (0);
CREATE TABLE pg_dist_partition (logicalrelid regclass, colocationid int);
CREATE FUNCTION create_distributed_table(t regclass, c text, colocate_with text) RETURNS void LANGUAGE plpgsql AS
\$\$ BEGIN
    INSERT INTO mock.said (what) VALUES (t::text || ' by ' || c || ' with ' || colocate_with);
    INSERT INTO mock.pg_dist_partition VALUES (t, CASE colocate_with WHEN 'none' THEN 7 ELSE
        (SELECT colocationid FROM mock.pg_dist_partition WHERE logicalrelid = colocate_with::regclass) END);
END \$\$;
CREATE FUNCTION truncate_local_data_after_distributing_table(t regclass) RETURNS void LANGUAGE sql AS
\$\$ INSERT INTO mock.said (what) VALUES ('cleared ' || t::text) \$\$;
CREATE FUNCTION citus_total_relation_size(t regclass) RETURNS bigint LANGUAGE sql AS \$\$ SELECT 1000::bigint \$\$;
SET allow_system_table_mods = on;
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
VALUES (99999, 'citus', 10, 'mock'::regnamespace, false, '12.1-1');
SQL
}
version() { psql -Xq "$base/$1" -c "SET allow_system_table_mods = on; UPDATE pg_extension SET extversion = '$2' WHERE extname = 'citus'"; }
ask() { psql -XqAt "$base/$1" -c "$2"; }
tables="SELECT count(*) FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND EXISTS
    (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'county')"
one=citus_one_$$ two=citus_two_$$ three=citus_three_$$
quiet() { sed -e 's/citus_\(one\|two\|three\)_[0-9]*/citus/g' -e 's/127.0.0.1:[0-9]*/HOST/g'; }
mock "$one"
echo "== too old, and a worker"
version "$one" 11.1-1
run init --data town --db "$base/$one" --distribute --areas "$areas" --area 341226115 2>&1 >/dev/null | head -n 1
echo "exit ${PIPESTATUS[0]}"
version "$one" 13.0-1
ask "$one" "UPDATE mock.pg_dist_local_group SET groupid = 2"
run init --data town --db "$base/$one" --distribute --areas "$areas" --area 341226115 2>&1 >/dev/null | head -n 1
echo "exit ${PIPESTATUS[0]}"
ask "$one" "UPDATE mock.pg_dist_local_group SET groupid = 0"
echo "== every table, one group, nothing left behind"
run init --data town --db "$base/$one" --distribute --areas "$areas" --area 341226115 >init.out 2>&1
echo "exit $?"
ask "$one" "SELECT what FROM mock.said ORDER BY no LIMIT 4"
[ "$(ask "$one" "$tables")" = "$(ask "$one" "SELECT count(*) FROM mock.pg_dist_partition")" ] && echo "all tables"
ask "$one" "SELECT count(*) FROM mock.said WHERE what NOT LIKE 'cleared %' AND what NOT LIKE '% by county with counter'"
echo "== works as before"
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001
CSV
run import --data town roster.csv --as roster --as-of 2018-01-10 >/dev/null 2>&1
echo "exit $?"
run status --data town | sed -n 2p
run journal verify --data town | sed -n '1s/.*, //p'
run backup --data town town.dhb >/dev/null 2>&1
echo "exit $?"
echo "== a commit that the cluster does not confirm"
ask "$one" "CREATE FUNCTION mock.fail() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN RAISE 'could not commit transaction for shard 7 on at least one active node'; END \$\$;
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON checkpoint DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION mock.fail()"
sed 's/石家/石家二/' roster.csv >second.csv
run import --data town second.csv --as roster --as-of 2018-01-11 2>&1 | grep -o 'commit: .*' | head -n 1
echo "exit ${PIPESTATUS[0]}"
ask "$one" "DROP TRIGGER fail ON checkpoint"
run import --data town second.csv --as roster --as-of 2018-01-11 >/dev/null 2>&1
echo "exit $?"
run journal verify --data town | sed -n '1s/.*, //p'
echo "== an upgrade that was cut short"
ask "$one" "DELETE FROM mock.pg_dist_partition WHERE logicalrelid IN ('duty'::regclass, 'visit'::regclass)"
run status --data town 2>&1 | quiet
echo "exit ${PIPESTATUS[0]}"
run upgrade --data town | sed 's/version [0-9]*/version N/'
echo "exit ${PIPESTATUS[0]}"
run status --data town | sed -n 2p
ask "$one" "SELECT what FROM mock.said ORDER BY no DESC LIMIT 4"
echo "== tables that are not colocated"
ask "$one" "DELETE FROM mock.pg_dist_partition WHERE logicalrelid = 'duty'::regclass;
    UPDATE mock.pg_dist_partition SET colocationid = 8 WHERE logicalrelid = 'visit'::regclass"
run upgrade --data town 2>&1 | quiet
echo "exit ${PIPESTATUS[0]}"
echo "== restored, and a backup of an earlier version"
mock "$two"
run restore "$REPO/tests/data/backup/schema-10.dhb" --data old --db "$base/$two" --distribute >/dev/null 2>&1
echo "exit $?"
[ "$(ask "$two" "$tables")" = "$(ask "$two" "SELECT count(*) FROM mock.pg_dist_partition")" ] && echo "all tables"
run journal verify --data old | sed -n '1s/.*, //p'
run restore town.dhb --data third --distribute 2>&1 | head -n 1
echo "exit ${PIPESTATUS[0]}"
echo "== a database that was there before"
mock "$three"
run init --data later --db "$base/$three" --areas "$areas" --area 341226115 >/dev/null 2>&1
echo "exit $?"
ask "$three" "SELECT count(*) FROM mock.said"
run import --data later roster.csv --as roster --as-of 2018-01-10 >/dev/null 2>&1
run upgrade --data later | sed 's/version [0-9]*/version N/'
ask "$three" "SELECT count(*) FROM mock.said"
run upgrade --data later --distribute | sed 's/version [0-9]*/version N/'
echo "exit ${PIPESTATUS[0]}"
ask "$three" "SELECT what FROM mock.said ORDER BY no LIMIT 2"
[ "$(ask "$three" "$tables")" = "$(ask "$three" "SELECT count(*) FROM mock.pg_dist_partition")" ] && echo "all tables"
run status --data later | sed -n 2p
run journal verify --data later | sed -n '1s/.*, //p'
run upgrade --data later --distribute | sed 's/version [0-9]*/version N/'
[ "$(ask "$three" "SELECT count(*) FROM mock.said WHERE what NOT LIKE 'cleared %'")" = "$(ask "$three" "$tables")" ] &&
    echo "each once"
ask "$three" "DELETE FROM pg_extension WHERE extname = 'citus'"
run upgrade --data later --distribute 2>&1 | sed 's/version [0-9]*/version N/'
echo "exit ${PIPESTATUS[0]}"
run init --data embedded --areas "$areas" --area 341226115 >/dev/null 2>&1
run upgrade --data embedded --distribute
echo "exit $?"
