package generator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

func TestCheck(t *testing.T) {
	const (
		name = `; give it go: {name: …}`
		both = `; give one of them another name with go: {name: …}`
		own  = `; rename it, or give it go: {name: …}`
	)
	tests := []struct {
		name, plan string
		want       []string
	}{
		{"nothing wrong", `
events:
  a: {properties: {capture: string, validate: string, set: string, type: string!}}
`, nil},
		{"two events", `
events:
  movie played: {}
  movie_played: {}
`, []string{
			`plan.yaml:4:3: PH301: event "movie played" and event "movie_played" at line 5 both need the Go name "MoviePlayed"` + both,
			`plan.yaml:5:3: PH301: event "movie_played" and event "movie played" at line 4 both need the Go name "MoviePlayed"` + both,
		}},
		{"an event and another's type", `
events:
  order: {}
  order_event: {}
`, []string{
			`plan.yaml:4:3: PH301: event "order" and event "order_event" at line 5 both need the Go name "OrderEvent"` + both,
			`plan.yaml:5:3: PH301: event "order_event" and event "order" at line 4 both need the Go name "OrderEvent"` + both,
		}},
		{"an event and another's record", `
events:
  order: {}
  order_record: {}
`, []string{
			`plan.yaml:4:3: PH301: event "order" and event "order_record" at line 5 both need the Go name "OrderRecord"` + both,
			`plan.yaml:5:3: PH301: event "order_record" and event "order" at line 4 both need the Go name "OrderRecord"` + both,
		}},
		{"go.name mends it", `
events:
  movie played: {}
  movie_played: {go: {name: FilmPlayed}}
`, nil},
		{"a type and an event", `
types: {Signup: {enum: [a]}}
events: {signup: {properties: {x: Signup}}}
`, []string{
			`plan.yaml:3:9: PH301: type "Signup" and event "signup" at line 4 both need the Go name "Signup"` + both,
			`plan.yaml:4:10: PH301: event "signup" and type "Signup" at line 3 both need the Go name "Signup"` + both,
		}},
		{"an enum value and the list of values", `
types: {Tier: {enum: [values]}}
events: {x: {properties: {x: Tier}}}
`, []string{
			`plan.yaml:3:9: PH301: type "Tier" and value "values" of type "Tier" at line 3 both need the Go name "TierValues"` + both,
			`plan.yaml:3:23: PH301: value "values" of type "Tier" and type "Tier" at line 3 both need the Go name "TierValues"` + both,
		}},
		{"two enum values", `
types: {Tier: {enum: [a-b, a_b]}}
events: {x: {properties: {x: Tier}}}
`, []string{
			`plan.yaml:3:23: PH301: value "a-b" of type "Tier" and value "a_b" of type "Tier" at line 3 both need the Go name "TierAB"` + both,
			`plan.yaml:3:28: PH301: value "a_b" of type "Tier" and value "a-b" of type "Tier" at line 3 both need the Go name "TierAB"` + both,
		}},
		{"two properties", `
events: {x: {properties: {user_id: string!, userId: string!}}}
`, []string{
			`plan.yaml:3:27: PH301: property "user_id" of event "x" and property "userId" of event "x" at line 3 both need the Go name "UserID"` + both,
			`plan.yaml:3:45: PH301: property "userId" of event "x" and property "user_id" of event "x" at line 3 both need the Go name "UserID"` + both,
		}},
		{"a nullable property and another's null", `
events: {x: {properties: {ref: "string?", ref_null: string}}}
`, []string{
			`plan.yaml:3:27: PH301: property "ref" of event "x" and property "ref_null" of event "x" at line 3 both need the Go name "WithRefNull"` + both,
			`plan.yaml:3:43: PH301: property "ref_null" of event "x" and property "ref" of event "x" at line 3 both need the Go name "WithRefNull"` + both,
		}},
		{"a required null is no setter", `
events: {x: {properties: {ref: "string?", ref_null: string!}}}
`, nil},
		{"a person property on an event", `
person: {properties: {plan: string}}
events: {x: {person: [plan], properties: {person_plan: string}}}
`, []string{
			`plan.yaml:4:10: PH301: person property "plan" of event "x" and property "person_plan" of event "x" at line 4 both need the Go name "WithPersonPlan"` + both,
			`plan.yaml:4:43: PH301: property "person_plan" of event "x" and person property "plan" of event "x" at line 4 both need the Go name "WithPersonPlan"` + both,
		}},
		{"a nullable person property on an event", `
person: {properties: {plan: "string?"}}
events: {x: {person: [plan], properties: {person_plan_null: string}}}
`, []string{
			`plan.yaml:4:10: PH301: person property "plan" of event "x" and property "person_plan_null" of event "x" at line 4 both need the Go name "WithPersonPlanNull"` + both,
			`plan.yaml:4:43: PH301: property "person_plan_null" of event "x" and person property "plan" of event "x" at line 4 both need the Go name "WithPersonPlanNull"` + both,
		}},
		{"two inline enums: their values follow", `
types: {OrderKind: {enum: [a, b]}}
events: {order: {properties: {kind: {enum: [a, b]}, use: OrderKind}}}
`, []string{
			`plan.yaml:3:9: PH301: type "OrderKind" and property "kind" of event "order" at line 4 both need the Go name "OrderKind"` + both,
			`plan.yaml:4:31: PH301: property "kind" of event "order" and type "OrderKind" at line 3 both need the Go name "OrderKind"` + both,
		}},
		{"two events: their inline types follow", `
events:
  movie played: {properties: {kind: {enum: [a]}, pay: {union: {}, variants: {card: {properties: {brand: {enum: [b], required: true}}}}}}}
  movie_played: {properties: {kind: {enum: [a]}, pay: {union: {}, variants: {card: {properties: {brand: {enum: [b], required: true}}}}}}}
`, []string{
			`plan.yaml:4:3: PH301: event "movie played" and event "movie_played" at line 5 both need the Go name "MoviePlayed"` + both,
			`plan.yaml:5:3: PH301: event "movie_played" and event "movie played" at line 4 both need the Go name "MoviePlayed"` + both,
		}},
		{"two flags: their variants follow", `
flags:
  new-home: {kind: multivariate, variants: [a, b], payload: {type: object, properties: {kind: {enum: [a]}}}}
  new_home: {kind: multivariate, variants: [a, b], payload: {type: object, properties: {kind: {enum: [a]}}}}
`, []string{
			`plan.yaml:4:3: PH301: flag "new-home" and flag "new_home" at line 5 both need the Go name "NewHome"` + both,
			`plan.yaml:5:3: PH301: flag "new_home" and flag "new-home" at line 4 both need the Go name "NewHome"` + both,
		}},
		{"a group and an event", `
groups: {team: {}}
events: {in_team: {}}
`, []string{
			`plan.yaml:3:10: PH301: group "team" and event "in_team" at line 4 both need the Go name "InTeam"` + both,
			`plan.yaml:4:10: PH301: event "in_team" and group "team" at line 3 both need the Go name "InTeam"` + both,
		}},
		{"fixed names", `
types: {PersonUpdate: {enum: [a]}}
events:
  person: {properties: {x: PersonUpdate}}
  extra_event: {extra_properties: allow, properties: {extra: string}}
`, []string{
			`plan.yaml:3:9: PH303: type "PersonUpdate" needs the Go name "PersonUpdate", which generated code needs itself` + own,
			`plan.yaml:5:3: PH303: event "person" needs the Go name "Person", which generated code needs itself` + own,
			`plan.yaml:6:55: PH303: property "extra" of event "extra_event" needs the Go name "WithExtra", which generated code needs itself` + own,
		}},
		{"no identifier", `
types: {Tier: {enum: ["+"]}}
events:
  2fa enabled: {properties: {日本: Tier}}
`, []string{
			`plan.yaml:3:23: PH302: value "+" of type "Tier" has no Go name: it holds no ASCII letter or digit` + name,
			`plan.yaml:5:3: PH302: event "2fa enabled" has no Go name: it would have to begin with an ASCII letter` + name,
			`plan.yaml:5:30: PH302: property "日本" of event "2fa enabled" has no Go name: it would have to begin with an ASCII letter` + name,
		}},
		{"a const needs none", `
events: {x: {properties: {日本: {const: 1}}}}
`, nil},
		{"named types", `
events:
  x: {properties: {a: {type: string, go: {named: ID}}, b: {type: int, go: {named: ID}}}}
`, []string{
			`plan.yaml:4:75: PH305: property "b" of event "x" gives the Go type ID the base type int64, but property "a" of event "x" at line 4 gives it string; name one of them otherwise`,
		}},
		{"one named type twice", `
events:
  x: {properties: {a: {type: string, go: {named: ID}}, b: {type: url, go: {named: ID}}}}
`, nil},
		{"a named type and an event", `
events: {order: {properties: {order: {type: string, go: {named: true}}}}}
`, []string{
			`plan.yaml:3:10: PH301: event "order" and property "order" of event "order" at line 3 both need the Go name "Order"` + both,
			`plan.yaml:3:31: PH301: property "order" of event "order" and event "order" at line 3 both need the Go name "Order"` + both,
		}},
		{"flags", `
flags:
  load: {kind: boolean}
  new-home: {kind: multivariate, variants: [a, "off", detail]}
`, []string{
			`plan.yaml:4:3: PH303: flag "load" needs the Go name "Load", which generated code needs itself` + own,
			`plan.yaml:5:3: PH301: flag "new-home" and variant "detail" of flag "new-home" at line 5 both need the Go name "NewHomeDetail"` + both,
			`plan.yaml:5:3: PH301: flag "new-home" and variant "off" of flag "new-home" at line 5 both need the Go name "NewHomeOff"` + both,
			`plan.yaml:5:48: PH301: variant "off" of flag "new-home" and flag "new-home" at line 5 both need the Go name "NewHomeOff"` + both,
			`plan.yaml:5:55: PH301: variant "detail" of flag "new-home" and flag "new-home" at line 5 both need the Go name "NewHomeDetail"` + both,
		}},
		{"a flag and the payload of another", `
flags:
  a: {kind: boolean, payload: {type: object, properties: {phgen_read: int, list: {type: array, of: {type: object, properties: {phgenRead: int}}}}}}
  a-config: {kind: boolean}
  a-payload-list: {kind: multivariate, variants: [x]}
`, []string{
			`plan.yaml:4:3: PH301: flag "a" and flag "a-config" at line 5 both need the Go name "AConfig"` + both,
			`plan.yaml:4:59: PH303: property "phgen_read" of the payload of flag "a" needs the Go name "PhgenRead", which generated code needs itself` + own,
			`plan.yaml:4:76: PH301: property "list" of the payload of flag "a" and flag "a-payload-list" at line 6 both need the Go name "APayloadList"` + both,
			`plan.yaml:4:128: PH303: property "phgenRead" of property "list" of the payload of flag "a" needs the Go name "PhgenRead", which generated code needs itself` + own,
			`plan.yaml:5:3: PH301: flag "a-config" and flag "a" at line 4 both need the Go name "AConfig"` + both,
			`plan.yaml:6:3: PH301: flag "a-payload-list" and property "list" of the payload of flag "a" at line 4 both need the Go name "APayloadList"` + both,
		}},
		{"a flag and a type that a payload holds", `
types: {Steps: {type: array, of: {type: object, properties: {n: int}}}}
flags:
  steps: {kind: boolean}
  guide: {kind: remote_config, payload: {type: object, properties: {list: Steps}}}
`, []string{
			`plan.yaml:3:9: PH301: type "Steps" and flag "steps" at line 5 both need the Go name "Steps"` + both,
			`plan.yaml:5:3: PH301: flag "steps" and type "Steps" at line 3 both need the Go name "Steps"` + both,
		}},
		{"two experiments", `
flags: {home: {kind: multivariate, variants: [a]}}
experiments:
  new home: {flag: home, control: a}
  new_home: {flag: home, control: a}
`, []string{
			`plan.yaml:5:3: PH301: experiment "new home" and experiment "new_home" at line 6 both need the Go name "NewHome"` + both,
			`plan.yaml:6:3: PH301: experiment "new_home" and experiment "new home" at line 5 both need the Go name "NewHome"` + both,
		}},
		{"events and flags are two packages", `
flags: {home: {kind: boolean}}
events: {home: {}}
`, nil},
		{"surveys", `
surveys:
  nps: {id: a, questions: [{id: q, key: score, type: rating, min: 0, max: 9}, {id: r, key: mark, type: open, go: {name: Score}}]}
`, []string{
			`plan.yaml:4:28: PH301: question "score" of survey "nps" and question "mark" of survey "nps" at line 4 both need the Go name "Score"` + both,
			`plan.yaml:4:79: PH301: question "mark" of survey "nps" and question "score" of survey "nps" at line 4 both need the Go name "Score"` + both,
		}},
		{"owners as packages", `
go: {split: owner}
owners: {internal: {}, func: {}, con: {}, growth: {}}
events: {a: {owner: internal}, b: {owner: func}, c: {owner: con}, d: {owner: growth}}
`, []string{
			`plan.yaml:4:10: PH303: owner "internal" cannot be the name of a Go package; rename the owner`,
			`plan.yaml:4:24: PH303: owner "func" cannot be the name of a Go package; rename the owner`,
			`plan.yaml:4:34: PH303: owner "con" cannot be the name of a Go package; rename the owner`,
		}},
		{"owners without events, which have no package", `
go: {split: owner}
owners: {internal: {}, growth: {}, gr-owth: {}}
events: {a: {owner: growth}}
flags: {b: {kind: boolean, owner: internal}}
`, nil},
		{"owners with one package name", `
go: {split: owner}
owners: {data-team: {}, data_team: {}}
events: {a: {owner: data-team}, b: {owner: data_team}}
`, []string{
			`plan.yaml:4:10: PH301: owner "data-team" and owner "data_team" at line 4 both need the Go package "datateam"; rename one of them`,
			`plan.yaml:4:25: PH301: owner "data_team" and owner "data-team" at line 4 both need the Go package "datateam"; rename one of them`,
		}},
		{"and without split", `
owners: {data-team: {}, data_team: {}, func: {}}
events: {a: {owner: data-team}, b: {owner: data_team}, c: {owner: func}}
`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, found := schema.Parse("plan.yaml", []byte("phgen: 1\nplan: {name: x}"+tt.plan))
			if found.HasErrors() {
				t.Fatalf("the plan has errors: %v", found)
			}
			var got []string
			for _, d := range Check(p) {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("-got +want:\n%s\n%s", diff, strings.Join(got, "\n"))
			}
		})
	}
}

// An entry of another file is named with its file.
func TestPlace(t *testing.T) {
	here := schema.Pos{File: "plan.yaml", Line: 3, Col: 1}
	if got, want := place(schema.Pos{File: "plan.yaml", Line: 7, Col: 2}, here), "line 7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := place(schema.Pos{File: "more.yaml", Line: 7, Col: 2}, here), "more.yaml:7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
