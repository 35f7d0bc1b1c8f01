DROP TABLE user_search_tokens;
DROP TABLE users;
