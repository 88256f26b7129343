package importer

import (
	"regexp"
	"strconv"

	"github.com/phgen/phgen/internal/yamltext"
)

// openFeature reads flag manifests of the OpenFeature CLI.
func openFeature(d *draft, files []File) error {
	for _, f := range files {
		v, err := readJSON(d, f.Name, f.Text)
		if err != nil {
			return err
		}
		flags := v.at("flags")
		if !flags.is(objectKind) {
			return &InputError{v.place(), `no flag manifest: there is no object under "flags"`}
		}
		flags.members(d.openFlag)
		v.members(func(key string, item *value) {
			if key != "flags" && key != "$schema" {
				d.lose(item.place(), "key "+yamltext.Quote(clip(key)), "a manifest has flags, and nothing else")
			}
		})
	}
	return nil
}

var variantKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

// openFlag reads one flag.
func (d *draft) openFlag(key string, v *value) {
	f := &flag{entity: entity{noun: "flag", name: key, from: v.place()}, description: v.at("description").str()}
	fallback := v.at("defaultValue")
	kind := v.at("flagType").str()
	v.members(func(key string, item *value) {
		if key != "flagType" && key != "defaultValue" && key != "description" {
			d.lose(item.place(), "key "+yamltext.Quote(clip(key)), "a flag of the plan has no such key")
		}
	})
	want := map[string]func(*value) bool{
		"boolean": func(v *value) bool { return v.is(boolKind) },
		"string":  func(v *value) bool { return v.is(stringKind) },
		"integer": func(v *value) bool { return v.is(numberKind) && wholeNumber(v.text, 0) == v.text && isWhole(v.text) },
		"float":   func(v *value) bool { return v.is(numberKind) },
		"object":  func(v *value) bool { return v.is(objectKind) },
	}[kind]
	switch {
	case want == nil:
		d.lose(v.place(), f.what(), "its type "+yamltext.Quote(clip(kind))+" is none of boolean, string, integer, float and object")
		return
	case !want(fallback):
		d.lose(v.place(), f.what(), "its default is missing, or no "+kind)
		return
	}
	d.flags = append(d.flags, f)
	switch kind {
	case "boolean":
		f.kind, f.fallback = "boolean", fallback.text
	case "string":
		d.stringFlag(f, fallback)
	case "object":
		f.kind = "remote_config"
		f.payload = d.payload(fallback, 0)
		if len(f.payload) == 0 {
			f.note("its default holds nothing, so the shape of the payload is to be written here")
		}
	default:
		f.kind = "remote_config"
		f.payload = []*property{withDefault("value", map[string]string{"integer": "int", "float": "float"}[kind], fallback)}
		d.lose(fallback.place(), f.what(), "PostHog has no flags of numbers: it is a remote config, whose payload is {\"value\": "+clip(fallback.text)+"}")
	}
}

func isWhole(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// stringFlag makes variants of a flag whose values are strings. Only one is known.
func (d *draft) stringFlag(f *flag, fallback *value) {
	if !variantKey.MatchString(fallback.text) {
		f.kind = "remote_config"
		f.payload = []*property{withDefault("value", "string", fallback)}
		d.lose(fallback.place(), f.what(), "its default cannot be the key of a variant: it is a remote config, whose payload has the text as \"value\"")
		return
	}
	f.kind, f.fallback = "multivariate", yamltext.Quote(fallback.text)
	f.variants = []*choice{{entity: entity{noun: "variant", name: fallback.text, from: fallback.place()}}}
	f.note("list the other variants: the manifest has only the default")
	d.lose(fallback.place(), f.what(), "a manifest does not list the other values of a string")
}

func withDefault(key, typ string, fallback *value) *property {
	p := &property{entity: entity{noun: "property", name: key, from: fallback.place()}, typ: plain(typ), required: true}
	p.also("default", flow(fallback), fallback.place())
	return p
}

// payload makes properties of an object and its values.
func (d *draft) payload(v *value, depth int) []*property {
	var list []*property
	v.members(func(key string, item *value) {
		p := withDefault(key, "json", item)
		list = append(list, p)
		switch item.kind {
		case boolKind:
			p.typ.name = "bool"
		case stringKind:
			p.typ.name = "string"
		case numberKind:
			p.typ.name = "float"
			if isWhole(item.text) {
				p.typ.name = "int"
				p.note("a whole number so far; make it a float if it may have decimals")
			}
		case objectKind:
			if len(item.items) > 0 && depth < maxSchemaDepth {
				p.typ.name, p.typ.fields = "object", d.payload(item, depth+1)
				p.required, p.other = false, nil // its properties have their defaults
			}
		case nullKind:
			p.note("its default is null, so any JSON can be its value")
			d.lose(item.place(), p.what(), "its default is null, which does not tell its type")
		}
	})
	return list
}
