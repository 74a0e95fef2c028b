-- On which device a certificate is, so that one which a later one takes the place of is known. Empty: nobody said.
ALTER TABLE certificate ADD COLUMN device TEXT NOT NULL DEFAULT '';
UPDATE certificate SET device = 'administrator.pem' WHERE name = 'administrator';
