-- Modifier letters that stand for an apostrophe count for nothing in a folded name from here on (hub/trace.Fold). What the wider
-- search reads stays as it is: it finds the names by their sounds too.
UPDATE name_key SET
  family = (WITH RECURSIVE kept (at, text) AS (
    SELECT 1, '' UNION ALL SELECT at + 1, text || CASE WHEN substr(family, at, 1) GLOB '[ʹ-ˁˆ-ˑˬˮꞌ]' THEN '' ELSE substr(family, at, 1) END
    FROM kept WHERE at <= length(family)) SELECT text FROM kept WHERE at > length(family)),
  first_given = (WITH RECURSIVE kept (at, text) AS (
    SELECT 1, '' UNION ALL SELECT at + 1, text || CASE WHEN substr(first_given, at, 1) GLOB '[ʹ-ˁˆ-ˑˬˮꞌ]' THEN '' ELSE substr(first_given, at, 1) END
    FROM kept WHERE at <= length(first_given)) SELECT text FROM kept WHERE at > length(first_given)),
  given = (WITH RECURSIVE kept (at, text) AS (
    SELECT 1, '' UNION ALL SELECT at + 1, text || CASE WHEN substr(given, at, 1) GLOB '[ʹ-ˁˆ-ˑˬˮꞌ]' THEN '' ELSE substr(given, at, 1) END
    FROM kept WHERE at <= length(given)) SELECT text FROM kept WHERE at > length(given))
WHERE family GLOB '*[ʹ-ˁˆ-ˑˬˮꞌ]*' OR given GLOB '*[ʹ-ˁˆ-ˑˬˮꞌ]*';
