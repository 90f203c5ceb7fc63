package counter

import "time"

// The bounds of wrong tries.
const (
	// tryWindow is how long a wrong try counts.
	tryWindow = 15 * time.Minute
	// Wrong tries within the window until a code, a teller or an outlet is locked.
	maxCodeTries   = 5
	maxTellerTries = 8
	maxOutletTries = 25
	// lockFor is how long a lock of a teller or outlet holds, codeLockFor of a code.
	lockFor     = 15 * time.Minute
	codeLockFor = time.Hour
	// lookWindow and maxLooks bound how often a teller looks pickups up at all.
	lookWindow = time.Minute
	maxLooks   = 30
)

// Guard counts the tries of a teller or outlet, or on a code.
type Guard struct {
	// Wrong is how many tries were wrong since Since.
	Wrong int       `json:"wrong"`
	Since time.Time `json:"since"`
	// Looks is how many tries were made since LooksSince.
	Looks       int       `json:"looks"`
	LooksSince  time.Time `json:"looks_since"`
	LockedUntil time.Time `json:"locked_until"`
}

// locked returns how long the lock still holds.
func (g Guard) locked(now time.Time) time.Duration { return max(0, g.LockedUntil.Sub(now)) }

// look counts a try and returns how long to wait if there were too many.
func (g *Guard) look(now time.Time) time.Duration {
	if now.Sub(g.LooksSince) >= lookWindow {
		g.Looks, g.LooksSince = 0, now
	}
	g.Looks++
	if g.Looks > maxLooks {
		return g.LooksSince.Add(lookWindow).Sub(now)
	}
	return 0
}

// fail counts a wrong try and reports whether it was the one that locks.
func (g *Guard) fail(now time.Time, most int, lock time.Duration) (locks bool) {
	if now.Sub(g.Since) >= tryWindow {
		g.Wrong, g.Since = 0, now
	}
	g.Wrong++
	if g.Wrong < most {
		return false
	}
	g.Wrong, g.Since, g.LockedUntil = 0, now, now.Add(lock)
	return true
}

// The keys of guards.
func guardOfTeller(id TellerID) string { return "teller/" + string(id) }
func guardOfOutlet(id OutletID) string { return "outlet/" + string(id) }
func guardOfCode(tenant string, hash CodeHash) string {
	return "code/" + tenant + "/" + string(hash)
}
