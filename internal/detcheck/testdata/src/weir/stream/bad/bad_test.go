package bad

import "time"

func clockOfATest() time.Time { return time.Now() }
