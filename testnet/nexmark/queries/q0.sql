-- Pass through: what it costs to keep every bid.
SELECT auction, bidder, price, date_time, extra FROM bid
