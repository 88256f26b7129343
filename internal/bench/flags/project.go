//go:build linux

package main

import (
	"fmt"
	"strings"
)

// A project is a number of flags, and everybody who evaluates them.
type project struct {
	keys       []string
	document   []byte // PostHog's definitions
	properties int    // of each user
	contenders []*contender
}

// A contender is somebody who evaluates flags.
type contender struct {
	name  string
	one   func(flag, user int) error           // evaluates a flag for a user
	seen  func(flag, user int) error           // the same, and reports the value to PostHog if it is a new one
	all   func(user int) error                 // evaluates every flag for a user
	load  func() error                         // decodes the definitions, and prepares them if it does that
	value func(flag, user int) (string, error) // of a flag: "true", "false" or a variant
	close func() error
}

// The kinds of flags. Flag i of a project is of kind i modulo their number.
var kinds = [...]string{
	"rollout 50 %", "exact, list of 3", "icontains", "regex", "gt, rollout 75 %",
	"multivariate", "cohort, nested AND/OR", "group rollout 50 %", "depends on a flag",
}

// A kind's index, where somebody needs it.
const (
	exactKind        = 1
	multivariateKind = 5
	dependencyKind   = 8
)

// flagSalt ends every key: it is the salt in LaunchDarkly's.
const flagSalt = "salt"

// pattern is the regular expression of the flags that have one.
const pattern = `^[a-z]+\.[a-z]+[0-9]*@`

// newProject returns a project with n flags, whose users have so many properties.
func newProject(n, properties int) (*project, error) {
	p := &project{properties: properties}
	for i := range n {
		p.keys = append(p.keys, fmt.Sprintf("flag-%d.%s", i, flagSalt))
	}
	p.document = p.posthogDocument()
	for _, make := range []func(*project) (*contender, error){newPosthog, newLaunchDarkly, newEvaluator, newClient} {
		c, err := make(p)
		if err != nil {
			return nil, fmt.Errorf("%d flags: %w", n, err)
		}
		p.contenders = append(p.contenders, c)
	}
	return p, nil
}

func (p *project) close() {
	for _, c := range p.contenders {
		if c.close != nil {
			_ = c.close() // nothing was sent that could be lost
		}
	}
}

// dependency is the flag that flag i depends on.
func dependency(i int) int { return i - dependencyKind + exactKind }

// posthogDocument returns the flags as PostHog serves them.
func (p *project) posthogDocument() []byte {
	list := make([]string, len(p.keys))
	for i, key := range p.keys {
		list[i] = p.posthogFlag(i, key)
	}
	return []byte(`{"flags":[` + strings.Join(list, ",\n") + `],
"group_type_mapping":{"0":"organization"},
"cohorts":{"7":{"type":"OR","values":[
 {"type":"AND","values":[{"key":"plan","type":"person","operator":"exact","value":["free"]},{"key":"seats","type":"person","operator":"lt","value":12}]},
 {"type":"AND","values":[{"key":"country","type":"person","operator":"exact","value":["DE"]},{"key":"email","type":"person","operator":"icontains","value":"@acme.example"}]}]}}}`)
}

func (p *project) posthogFlag(i int, key string) string {
	properties, rollout, rest := "", "100", ""
	switch i % len(kinds) {
	case 0:
		rollout = "50"
	case exactKind:
		properties = `{"key":"plan","type":"person","operator":"exact","value":["pro","team","enterprise"]}`
	case 2:
		properties = `{"key":"email","type":"person","operator":"icontains","value":"@acme.example"}`
	case 3:
		properties = fmt.Sprintf(`{"key":"email","type":"person","operator":"regex","value":%q}`, pattern)
	case 4:
		properties, rollout = `{"key":"seats","type":"person","operator":"gt","value":9}`, "75"
	case multivariateKind:
		rest = `,"multivariate":{"variants":[{"key":"control","rollout_percentage":34},{"key":"a","rollout_percentage":33},{"key":"b","rollout_percentage":33}]}`
	case 6:
		properties = `{"key":"id","type":"cohort","operator":"in","value":7}`
	case 7:
		rollout, rest = "50", `,"aggregation_group_type_index":0`
	case dependencyKind:
		on := p.keys[dependency(i)]
		properties = fmt.Sprintf(`{"key":%q,"type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":[%q]}`, on, on)
	}
	return fmt.Sprintf(`{"id":%d,"team_id":1,"name":"Flag number %d","key":%q,"active":true,"deleted":false,"version":3,`+
		`"ensure_experience_continuity":false,"has_experiment":false,`+
		`"filters":{"groups":[{"properties":[%s],"rollout_percentage":%s}],"payloads":{}%s}}`, i+1, i, key, properties, rollout, rest)
}
