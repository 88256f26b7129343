package lock

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompare(t *testing.T) {
	const keepOrder, keepName = "; put the required properties back into the old order, or take the new one with --accept", "; keep the old name with go, or take the new one with --accept"
	event := func(properties string) string { return "events: {e: {properties: {" + properties + "}}}\n" }
	object := func(properties string) string {
		return "types: {T: {type: object, properties: {" + properties + "}}}\nevents: {e: {properties: {t: T}}}\n"
	}
	named := func(key, typ, name string) string {
		return key + ": {type: " + typ + ", required: true, go: {named: " + name + "}}"
	}
	tests := []struct {
		name     string
		old, now string
		want     []string // messages without their places
	}{
		{"nothing", event("a: string!, b: string!"), event("a: string!, b: string!"), nil},
		{"two of one type", event("a: string!, b: string!"), event("b: string!, a: string!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"long and short form", event("a: string!, b: {type: string, required: true}"), event("b: string!, a: string!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"types of Go, not of the plan", event("a: email!, b: url!"), event("b: url!, a: email!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"retyped so that the types stay in place", event("a: string!, b: int!"), event("b: string!, a: int!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"one takes the place of another", event("a: string!"), event("b: string!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b"` + keepOrder,
		}},
		{"with a constant that serves both types", event("a: string!, b: string!, n: int!"), event("b: string!, a: string!, n: float!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"a circle of five", event("a: int!, b: int!, c: int!, d: int!, e: int!"), event("b: int!, c: int!, d: int!, e: int!, a: int!"), []string{
			`plan.yaml:3:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "c", the 3rd is "c" and would become "d", 2 more` + keepOrder,
		}},
		{"from a set", "property_sets: {s: {a: string!, b: string!}}\nevents: {e: {use: [s]}}\n", "property_sets: {s: {b: string!, a: string!}}\nevents: {e: {use: [s]}}\n", []string{
			`plan.yaml:4:10: PH701: calls of E would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"of an object", object("a: string!, b: string!"), object("b: string!, a: string!"), []string{
			`plan.yaml:3:9: PH701: calls of NewT would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"of a union's variant", "types: {T: {union: {discriminator: k}, variants: {v: {properties: {a: int!, b: int!}}}}}\n" + event("t: T"),
			"types: {T: {union: {discriminator: k}, variants: {v: {properties: {b: int!, a: int!}}}}}\n" + event("t: T"), []string{
				`plan.yaml:3:51: PH701: calls of TV would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
			}},
		{"of a group", "groups: {g: {properties: {a: string!, b: string!}}}\n", "groups: {g: {properties: {b: string!, a: string!}}}\n", []string{
			`plan.yaml:3:10: PH701: calls of G would compile as before, but mean something else: of its arguments, the 2nd is "a" and would become "b", the 3rd is "b" and would become "a"` + keepOrder,
		}},
		{"of an AI feature", "ai: {features: {f: {properties: {a: string!, b: string!}}}}\n", "ai: {features: {f: {properties: {b: string!, a: string!}}}}\n", []string{
			`plan.yaml:3:17: PH701: calls of F would compile as before, but mean something else: of its arguments, the 1st is "a" and would become "b", the 2nd is "b" and would become "a"` + keepOrder,
		}},
		{"of a payload, which goes by name", "flags: {f: {kind: remote_config, payload: {type: object, properties: {o: {type: object, properties: {a: int, b: int}}}}}}\n",
			"flags: {f: {kind: remote_config, payload: {type: object, properties: {o: {type: object, properties: {b: int, a: int}}}}}}\n", nil},

		{"two of different types", event("a: string!, b: int!"), event("b: int!, a: string!"), nil},
		{"two of different named types", event(named("a", "string", "A") + ", " + named("b", "string", "B")), event(named("b", "string", "B") + ", " + named("a", "string", "A")), nil},
		{"two enums", event("a: {enum: [x], required: true}, b: {enum: [x], required: true}"), event("b: {enum: [x], required: true}, a: {enum: [x], required: true}"), nil},
		{"numbers of different types", event("a: int!, b: float!"), event("b: float!, a: int!"), nil},
		{"optional ones", event("a: string, b: string"), event("b: string, a: string"), nil},
		{"one more", event("a: string!, b: string!"), event("b: string!, a: string!, c: string!"), nil},
		{"one less", event("a: string!, b: string!"), event("b: string!"), nil},
		{"another type", event("a: string!, b: string!"), event("a: string!, b: bool!"), nil},
		{"swapped and retyped", event("a: string!, b: string!, c: string!"), event("b: string!, a: string!, c: bool!"), nil},
		{"required becomes optional", event("a: string!, b: string!"), event("a: string, b: string!"), nil},
		{"events come and go", "events: {a: {}, b: {}}\n", "events: {b: {}, c: {}}\n", nil},
		{"values come and go", event("a: {enum: [x, y]}"), event("a: {enum: [z, y]}"), nil},
		{"an enum becomes a string", event("a: {enum: [x, y]}"), event("a: string"), nil},
		{"a named type of another kind", event(named("a", "string", "A")), event(named("a", "int", "B")), nil},
		{"a named type becomes a list", event(named("a", "string", "A")), event("a: {type: array, of: string, required: true}"), nil},

		{"an AI feature", "ai: {features: {f: {}}}\n", "ai: {features: {f: {go: {name: G}}}}\n", []string{
			`plan.yaml:3:17: PH702: the Go name of AI feature "f" would change from "F" to "G"` + keepName,
		}},
		{"an event", "events: {e: {properties: {a: {enum: [x]}}}}\n", "events: {e: {go: {name: F}, properties: {a: {enum: [x]}}}}\n", []string{
			`plan.yaml:3:10: PH702: the Go name of event "e" would change from "E" to "F"` + keepName,
		}},
		{"a property and the type inside", event("a: {enum: [x]}"), event("a: {enum: [x], go: {name: B}}"), []string{
			`plan.yaml:3:27: PH702: the Go name of property "a" of event "e" would change from "A" to "B"` + keepName,
		}},
		{"a required property", event("a: string!"), event("a: {type: string, required: true, go: {name: B}}"), []string{
			`plan.yaml:3:27: PH702: the Go name of property "a" of event "e" would change from "A" to "B"` + keepName,
		}},
		{"a property of a set that two events use", "property_sets: {s: {a: string!}}\nevents: {e: {use: [s]}, f: {use: [s]}}\n", "property_sets: {s: {a: {type: string, required: true, go: {name: B}}}}\nevents: {e: {use: [s]}, f: {use: [s]}}\n", []string{
			`plan.yaml:3:21: PH702: the Go name of property "a" of event "e" would change from "A" to "B"` + keepName,
		}},
		{"initialisms", event("sku: string, sku_id: string"), "go: {initialisms: [SKU]}\n" + event("sku: string, sku_id: string"), []string{
			`plan.yaml:4:27: PH702: the Go name of property "sku" of event "e" would change from "Sku" to "SKU"` + keepName,
			`plan.yaml:4:40: PH702: the Go name of property "sku_id" of event "e" would change from "SkuID" to "SKUID"` + keepName,
		}},
		{"a value", event("a: {enum: [x]}"), event("a: {enum: {x: {go: {name: Y}}}}"), []string{
			`plan.yaml:3:38: PH702: the Go name of "x" of events.e.a would change from "EAX" to "EAY"` + keepName,
		}},
		{"the person and the context", "person: {properties: {a: string}}\ncontext: {properties: {a: string}}\n", "person: {properties: {a: {type: string, go: {name: B}}}}\ncontext: {properties: {a: {type: string, go: {name: B}}}}\n", []string{
			`plan.yaml:3:23: PH702: the Go name of property "a" of the person would change from "A" to "B"` + keepName,
			`plan.yaml:4:24: PH702: the Go name of property "a" of the context would change from "A" to "B"` + keepName,
		}},
		{"a group", "groups: {g: {}}\n", "groups: {g: {go: {name: H}}}\n", []string{
			`plan.yaml:3:10: PH702: the Go name of group "g" would change from "G" to "H"` + keepName,
		}},
		{"a flag and its parts", "flags: {f: {kind: multivariate, variants: [a], payload: {type: object, properties: {o: {type: object, properties: {a: int}}}}}}\n",
			"flags: {f: {kind: multivariate, variants: [a], go: {name: G}, payload: {type: object, properties: {o: {type: object, properties: {a: int}}}}}}\n", []string{
				`plan.yaml:3:9: PH702: the Go name of flag "f" would change from "F" to "G"` + keepName,
			}},
		{"a variant", "flags: {f: {kind: multivariate, variants: {a: x}}}\n", "flags: {f: {kind: multivariate, variants: {a: {go: {name: B}}}}}\n", []string{
			`plan.yaml:3:44: PH702: the Go name of "a" of flag "f" would change from "FA" to "FB"` + keepName,
		}},
		{"a named type", event(named("a", "string", "A")), event(named("a", "string", "B")), []string{
			`plan.yaml:3:27: PH702: the Go name of the type of property "a" of event "e" would change from "A" to "B"` + keepName,
		}},
		{"a named type that is gone", event(named("a", "string", "A")), event("a: string!"), []string{
			`plan.yaml:3:27: PH702: the Go name of the type of property "a" of event "e" would change from "A" to "string"` + keepName,
		}},
		{"an owner's package", "go: {split: owner}\nowners: {a: {}, b: {}}\nevents: {e: {owner: a}}\n", "go: {split: owner}\nowners: {a: {}, b: {}}\nevents: {e: {owner: b}}\n", []string{
			`plan.yaml:5:10: PH702: event "e" would move from package tracking/a to package tracking/b; keep its package, or take the new one with --accept`,
		}},
		{"all of them", "owners: {a: {}}\nevents: {e: {owner: a}}\n", "go: {split: owner}\nowners: {a: {}}\nevents: {e: {owner: a}}\n", []string{
			`plan.yaml:5:10: PH702: event "e" would move from package tracking to package tracking/a; keep its package, or take the new one with --accept`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			old, err := Parse("phgen.lock", Of(planOf(t, tt.old)).Text())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range Compare(old, Of(planOf(t, tt.now))).Sort([]string{"plan.yaml"}) {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrdinal(t *testing.T) {
	want := "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 101st 111th"
	var got []string
	for _, n := range []int{1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 101, 111} {
		got = append(got, ordinal(n))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
