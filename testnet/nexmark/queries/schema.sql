CREATE STREAM person (
  id bigint, name text, email_address text, credit_card text, city text, state text,
  date_time timestamp, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');

CREATE STREAM auction (
  id bigint, item_name text, description text, initial_bid bigint, reserve bigint,
  date_time timestamp, expires timestamp, seller bigint, category bigint, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');

CREATE STREAM bid (
  auction bigint, bidder bigint, price bigint, channel text, url text,
  date_time timestamp, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');

CREATE TABLE side_input (key bigint PRIMARY KEY, value text);
