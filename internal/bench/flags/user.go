//go:build linux

package main

import "fmt"

// A user is somebody whom flags are evaluated for.
type user struct {
	id, plan, email, country, organization string
	seats                                  int
}

// users differ in everything that a flag looks at.
var users = makeUsers(64)

func makeUsers(n int) []user {
	made := make([]user, n)
	for i := range made {
		made[i] = user{
			id:           fmt.Sprintf("01890a5d-ac96-774b-bcce-b302099a8%03d", i),
			plan:         [...]string{"free", "pro", "team", "enterprise", "trial"}[i%5],
			email:        fmt.Sprintf([...]string{"ada.lovelace%d@acme.example", "grace-%d@navy.example", "%d@acme.example"}[i%3], i),
			country:      [...]string{"DE", "FR", "US"}[i/5%3],
			organization: fmt.Sprintf("org-%d", i/4),
			seats:        i * 7 % 31,
		}
	}
	return made
}

// properties returns n properties of u; flags look at four of them.
func (u user) properties(n int) map[string]any {
	all := map[string]any{"plan": u.plan, "email": u.email, "country": u.country, "seats": u.seats}
	for i := len(all); i < n; i++ {
		all[fmt.Sprintf("property_%d", i)] = fmt.Sprintf("value %d of %s", i, u.id)
	}
	return all
}
