-- Modifier letters that stand for an apostrophe count for nothing in a folded name from here on (hub/trace.Fold). Spelt and the
-- sounds stay as they are: a search that allows for mistakes finds the names by them too.
UPDATE name_key SET
  family      = translate(family,      'ʹʺʻʼʽʾʿˀˁˆˇˈˉˊˋˌˍˎˏːˑˬˮꞌ', ''),
  first_given = translate(first_given, 'ʹʺʻʼʽʾʿˀˁˆˇˈˉˊˋˌˍˎˏːˑˬˮꞌ', ''),
  given       = translate(given,       'ʹʺʻʼʽʾʿˀˁˆˇˈˉˊˋˌˍˎˏːˑˬˮꞌ', '')
WHERE family || given ~ '[ʹʺʻʼʽʾʿˀˁˆˇˈˉˊˋˌˍˎˏːˑˬˮꞌ]';
