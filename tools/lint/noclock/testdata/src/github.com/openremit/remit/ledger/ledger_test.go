package ledger

import "time"

var begun = time.Now()
