-- name: area_all
SELECT {area a} FROM area a WHERE a.county = $1 ORDER BY a.code
