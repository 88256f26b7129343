package change

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is shared is reported once, with what it reaches; what was renamed is
// recognised.
func TestCompare(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"no change", "events: {a: {}}", "events: {a: {}}", ""},
		{"comments and layout", "events: {a: {properties: {x: string}}}", "# new\nevents:\n  a:\n    properties:\n      x: {type: string}\n", ""},
		{"named type of several events", "types: {T: {enum: [x, y]}}\nevents: {a: {properties: {t: T}}, b: {properties: {l: [T]}}, c: {}}\nperson: {properties: {t: T}}",
			"types: {T: {enum: [x]}}\nevents: {a: {properties: {t: T}}, b: {properties: {l: [T]}}, c: {}}\nperson: {properties: {t: T}}",
			`old.yaml:3:23: PHB107: type "T": value "y" removed
    affects the person, event "a", event "b"
    at types.T.enum.y
`},
		{"named type inside others", "types: {T: {type: object, properties: {x: string}}, L: {type: array, of: T}}\nevents: {a: {properties: {l: L}}}",
			"types: {T: {type: object, properties: {}}, L: {type: array, of: T}}\nevents: {a: {properties: {l: L}}}",
			`old.yaml:3:40: PHB102: type "T": property "x" removed
    affects event "a"
    at types.T.properties.x
`},
		{"named type that only a group has: nobody checks it", "types: {T: {enum: [x, y]}}\ngroups: {g: {properties: {t: T}}}", "types: {T: {enum: [x]}}\ngroups: {g: {properties: {t: T}}}",
			`old.yaml:3:23: PHB156: type "T": value "y" removed
    affects group "g"
    at types.T.enum.y
`},
		{"named type renamed", "types: {Tier: {enum: [x, y]}}\nevents: {a: {properties: {t: Tier!}}, b: {properties: {l: [Tier]}}}",
			"types: {Level: {enum: [x, y]}}\nevents: {a: {properties: {t: Level!}}, b: {properties: {l: [Level]}}}",
			`new.yaml:3:9: PHB110: type "Tier": the Go type is called Level now
    keep the old name: it is that of the Go type
    affects event "a", event "b"
    at types.Tier
`},
		{"inline enum becomes a named one", "events: {a: {properties: {t: {enum: [x, y]}}}}", "types: {T: {enum: [x, y]}}\nevents: {a: {properties: {t: T}}}",
			`new.yaml:3:9: PHB224: type "T": added
    at types.T
new.yaml:4:27: PHB143: event "a": Go type of property "t" changed from AT to T
    at events.a.properties.t
`},
		{"inline enum moves to a set", "events: {a: {properties: {t: {enum: [x, y]}}}}", "property_sets: {s: {t: {enum: [x, y]}}}\nevents: {a: {use: [s]}}",
			`new.yaml:3:17: PHB307: property set "s": added
    at property_sets.s
new.yaml:3:21: PHB143: event "a": Go type of property "t" changed from AT to ST
    at events.a.properties.t
`},
		{"set of several events", "property_sets: {s: {x: string, y: int}}\nevents: {a: {use: [s]}, b: {use: [s]}, c: {use: [s]}, d: {}}",
			"property_sets: {s: {x: string, z: bool!}}\nevents: {a: {use: [s]}, b: {use: [s]}, c: {}, d: {use: [s]}}",
			`new.yaml:3:32: PHB103: property set "s": required property "z" added
    add it with required: false
    affects event "a", event "b"
    at property_sets.s.properties.z
old.yaml:3:32: PHB102: property set "s": property "y" removed
    affects event "a", event "b"
    at property_sets.s.properties.y
old.yaml:3:21: PHB102: event "c": property "x" removed
    at events.c.properties.x
old.yaml:3:32: PHB102: event "c": property "y" removed
    at events.c.properties.y
new.yaml:3:21: PHB202: event "d": optional property "x" added
    at events.d.properties.x
new.yaml:3:32: PHB103: event "d": required property "z" added
    add it with required: false
    at events.d.properties.z
`},
		{"a set takes over what an event had", "property_sets: {s: {x: string}}\nevents: {a: {use: [s], properties: {y: int}}, b: {use: [s]}}",
			"property_sets: {s: {x: string, y: int}}\nevents: {a: {use: [s]}, b: {use: [s]}}",
			`new.yaml:3:32: PHB202: property set "s": optional property "y" added
    affects event "b"
    at property_sets.s.properties.y
new.yaml:3:32: PHB306: event "a": property "y" moved from the event itself to set "s"
    at events.a.properties.y
`},
		{"required properties of a set reordered", "property_sets: {s: {x: string!, y: string!}}\nevents: {a: {use: [s]}, b: {use: [s], properties: {n: int!}}}",
			"property_sets: {s: {y: string!, x: string!}}\nevents: {a: {use: [s]}, b: {use: [s], properties: {n: int!}}}",
			`new.yaml:3:17: PHB109: property set "s": parameters changed their order: argument 1 was "x" and is "y", argument 2 was "y" and is "x"; old calls compile as before and swap them
    keep the old order, or give neighbours types of their own with go: {named: …}
    affects event "a", event "b"
    at property_sets.s
`},
		{"order of the sets changed", "property_sets: {s: {x: string!}, t: {y: string!}}\nevents: {a: {use: [s, t]}}", "property_sets: {s: {x: string!}, t: {y: string!}}\nevents: {a: {use: [t, s]}}",
			`new.yaml:4:10: PHB109: event "a": parameters changed their order: argument 1 was "x" and is "y", argument 2 was "y" and is "x"; old calls compile as before and swap them
    keep the old order, or give neighbours types of their own with go: {named: …}
    at events.a
`},
		{"answers of a survey reordered", "surveys: {s: {id: s, questions: [{id: a, key: a, type: open, required: true}, {id: b, key: b, type: open, required: true}]}}",
			"surveys: {s: {id: s, questions: [{id: b, key: b, type: open, required: true}, {id: a, key: a, type: open, required: true}]}}",
			`new.yaml:3:11: PHB179: survey "s": questions reordered: answers are stored by their number, too
    at surveys.s
new.yaml:3:11: PHB109: survey "s": parameters changed their order: argument 1 was "a" and is "b", argument 2 was "b" and is "a"; old calls compile as before and swap them
    keep the old order, or give neighbours types of their own with go: {named: …}
    at surveys.s
`},
		{"unused set", "property_sets: {s: {x: string!}}\nevents: {a: {}}", "property_sets: {s: {x: int!}}\nevents: {a: {}}",
			`new.yaml:3:17: PHB307: property set "s": changed, but no event used it before and does now
    at property_sets.s
`},
		{"defaults", "defaults: {on_invalid: report, extra_properties: allow}\nevents: {a: {}, b: {}, c: {on_invalid: drop_event}}", "defaults: {on_invalid: drop_event}\nevents: {a: {}, b: {extra_properties: allow}, c: {}}",
			`new.yaml: PHB305: the plan: defaults changed
    at plan
new.yaml: PHB208: the plan: the default of on_invalid changed from report to drop_event
    affects event "a", event "b"
    at defaults.on_invalid
new.yaml: PHB155: the plan: extra_properties is deny: the method WithExtra is gone
    affects event "a", event "c"
    at defaults.extra_properties
`},
		{"initialisms", "events: {sku_viewed: {properties: {sku: string, nps_id: int}}, other: {properties: {sku: int, plan: string}}}",
			"go: {initialisms: [SKU]}\nevents: {sku_viewed: {properties: {sku: string, nps_id: int}}, other: {properties: {sku: int, plan: string}}}",
			`new.yaml: PHB305: the plan: go.initialisms changed
    at plan
new.yaml:3:1: PHB110: the plan: 2 Go names changed through go.initialisms: SkuViewed is now SKUViewed; Sku is now SKU
    keep old names with go: {name: …}, or leave the list of initialisms as it was
    affects event "sku_viewed", event "other"
    at go.initialisms
`},
		{"event renamed", "events: {a: {properties: {x: string!}}, b: {}}", "events: {c: {properties: {x: string!}}, b: {}}",
			`new.yaml:3:10: PHB201: event "c": added
    at events.c
old.yaml:3:10: PHB101: event "a": removed
    if it is now "c", keep it for a while with deprecated: {use: "c", dual_write: true}
    at events.a
`},
		{"two events might be the renamed one", "events: {a: {}}", "events: {b: {}, c: {}}",
			`new.yaml:3:10: PHB201: event "b": added
    at events.b
new.yaml:3:17: PHB201: event "c": added
    at events.c
old.yaml:3:10: PHB101: event "a": removed
    at events.a
`},
		{"deprecated event removed", "events: {a: {deprecated: {use: b}}, b: {}}", "events: {b: {}}",
			`old.yaml:3:10: PHB101: event "a": removed; it was deprecated in favour of "b"
    at events.a
`},
		{"property renamed", "events: {a: {properties: {x: int, y: string}}}", "events: {a: {properties: {z: int, y: string}}}",
			`new.yaml:3:27: PHB202: event "a": optional property "z" added
    at events.a.properties.z
old.yaml:3:27: PHB102: event "a": property "x" removed
    if it is now "z", keep it beside that, deprecated with use: "z"
    at events.a.properties.x
`},
		{"enum value renamed", "events: {a: {properties: {x: {enum: [u, v]}}}}", "events: {a: {properties: {x: {enum: [u, w]}}}}",
			`new.yaml:3:41: PHB204: event "a": value "w" of property "x" added
    at events.a.properties.x.enum.w
old.yaml:3:41: PHB107: event "a": value "v" of property "x" removed
    if it is now "w", keep both and deprecate the old one with use: "w"
    at events.a.properties.x.enum.v
`},
		{"inside an inline object", "events: {a: {properties: {o: {type: object, properties: {x: {type: array, of: {enum: [u, v]}}}}}}}",
			"events: {a: {properties: {o: {type: object, properties: {x: {type: array, of: {enum: [u]}}}}}}}",
			`old.yaml:3:90: PHB156: event "a": value "v" of items of field "x" of property "o" removed
    at events.a.properties.o.properties.x.items.enum.v
`},
		{"alias of another base", "types: {ID: {type: string, go: {named: true}}}\nevents: {a: {properties: {id: ID}}}", "types: {ID: {type: int, go: {named: true}}}\nevents: {a: {properties: {id: ID}}}",
			`new.yaml:3:9: PHB106: type "ID": type of its values changed from string to int: PostHog has it as String, and takes it for Numeric
    affects event "a"
    at types.ID
`},
		{"alias loses its Go type", "types: {ID: {type: string, go: {named: true}}}\nevents: {a: {properties: {id: ID}}}", "types: {ID: {type: string}}\nevents: {a: {properties: {id: ID}}}",
			`new.yaml:3:9: PHB143: type "ID": Go type changed from ID to that of string
    affects event "a"
    at types.ID
`},
		{"pii of a named type", "types: {M: {type: email}}\nevents: {a: {properties: {m: M}}}", "types: {M: {type: email, pii: {kind: email, action: hash}}}\nevents: {a: {properties: {m: M}}}",
			`new.yaml:3:9: PHB115: type "M": every property of the type is sent as a hash, no longer as it is given
    affects event "a"
    at types.M
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := text(Compare(load(t, "old.yaml", tt.before), load(t, "new.yaml", tt.after)))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
