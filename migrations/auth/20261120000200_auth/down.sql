DROP TABLE attempts, known_devices, sessions, login_challenges, backup_codes, totp_factors, credentials, one_time_tokens, challenges;
