DROP TABLE company_settings;
DROP TABLE company_words;
DROP TABLE companies;
