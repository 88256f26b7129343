package schema

import "strconv"

// locate tells findings about p the paths of their places.
func (ds Diagnostics) locate(p *Plan) {
	if len(ds) == 0 {
		return
	}
	paths := pathsOf(p)
	for i := range ds {
		ds[i].Path = paths[ds[i].Pos]
	}
}

// planPaths are the paths of the places that a Plan remembers.
type planPaths map[Pos]string

func pathsOf(p *Plan) planPaths {
	paths := planPaths{}
	for _, o := range p.Owners {
		paths.note(o.Pos, JoinPath("owners", o.Name))
	}
	for _, t := range p.Types {
		path := JoinPath("types", t.Name)
		paths.note(t.Pos, path)
		paths.options(path, t.Deprecated, t.PII, t.Go)
		paths.typeBody(t, path)
	}
	for _, s := range p.Sets {
		path := JoinPath("property_sets", s.Name)
		paths.note(s.Pos, path)
		paths.properties(s.Properties, path)
	}
	paths.properties(p.Context, "context.properties")
	paths.properties(p.Person, "person.properties")
	for _, g := range p.Groups {
		path := JoinPath("groups", g.Name)
		paths.note(g.Pos, path)
		paths.value(g.Key.Example, path+".key.example")
		paths.options(path, nil, nil, g.Go)
		paths.properties(g.Properties, path+".properties")
	}
	for _, e := range p.Events {
		path := JoinPath("events", e.Name)
		paths.note(e.Pos, path)
		paths.options(path, e.Deprecated, nil, e.Go)
		paths.properties(e.Own, path+".properties")
		for i, x := range e.Examples {
			paths.value(x, path+".examples."+strconv.Itoa(i))
		}
	}
	paths.flags(p)
	paths.surveys(p)
	paths.note(p.AI.Pos, "ai")
	for _, f := range p.AI.Features {
		path := JoinPath("ai", "features", f.Name)
		paths.note(f.Pos, path)
		paths.options(path, nil, nil, f.Go)
		paths.properties(f.Properties, path+".properties")
	}
	return paths
}

func (paths planPaths) flags(p *Plan) {
	for _, f := range p.Flags {
		path := JoinPath("flags", f.Key)
		paths.note(f.Pos, path)
		paths.note(f.ExpiresPos, path+".expires")
		paths.options(path, f.Deprecated, nil, f.Go)
		paths.values(f.Variants, path+".variants")
		paths.properties(f.Payload, path+".payload.properties")
	}
	for _, x := range p.Experiments {
		path := JoinPath("experiments", x.Name)
		paths.note(x.Pos, path)
		paths.values(x.Variants, path+".variants") // unless they are the flag's
	}
}

func (paths planPaths) surveys(p *Plan) {
	for _, s := range p.Surveys {
		path := JoinPath("surveys", s.Key)
		paths.note(s.Pos, path)
		paths.options(path, nil, nil, s.Go)
		for _, q := range s.Questions {
			path := path + ".questions." + pathKey(q.Key)
			paths.note(q.Pos, path)
			paths.options(path, nil, q.PII, q.Go)
			paths.values(q.Choices, path+".choices")
		}
	}
}

// note keeps the first path of a place: what is shared is defined first.
func (paths planPaths) note(pos Pos, path string) {
	if _, ok := paths[pos]; !ok && pos.Line > 0 {
		paths[pos] = path
	}
}

func (paths planPaths) options(path string, d *Deprecation, pii *PII, name GoName) {
	if d != nil {
		paths.note(d.Pos, path+".deprecated")
	}
	if pii != nil {
		paths.note(pii.Pos, path+".pii")
	}
	paths.note(name.Pos, path+".go")
}

func (paths planPaths) properties(list []*Property, within string) {
	for _, prop := range list {
		path := within + "." + pathKey(prop.Key)
		paths.note(prop.Pos, path)
		paths.options(path, prop.Deprecated, prop.PII, prop.Go)
		paths.value(prop.Example, path+".example")
		paths.value(prop.Default, path+".default")
		paths.value(prop.Type.Const, path+".const")
		if prop.Type.Name == "" {
			paths.note(prop.Type.Pos, path)
			paths.typeBody(prop.Type, path)
		}
	}
}

func (paths planPaths) values(list []*EnumValue, within string) {
	for _, v := range list {
		path := within + "." + pathKey(v.Value)
		paths.note(v.Pos, path)
		paths.options(path, v.Deprecated, nil, v.Go)
	}
}

// value notes a value that the plan holds, and what is in it.
func (paths planPaths) value(v *Value, path string) {
	if v == nil {
		return
	}
	paths.note(v.Pos, path)
	for i, item := range v.List {
		paths.value(item, path+"."+strconv.Itoa(i))
	}
	for _, f := range v.Fields {
		paths.value(f.Value, path+"."+pathKey(f.Key))
	}
}

// typeBody notes what a type that is no reference holds.
func (paths planPaths) typeBody(t *Type, path string) {
	paths.values(t.Values, path+".enum")
	paths.properties(t.Properties, path+".properties")
	for _, v := range t.Variants {
		path := path + ".variants." + pathKey(v.Name)
		paths.note(v.Pos, path)
		paths.options(path, nil, nil, v.Go)
		paths.properties(v.Properties, path+".properties")
	}
	if t.Elem != nil && t.Elem.Name == "" {
		below := map[Kind]string{Array: "of", Map: "values"}[t.Kind]
		paths.note(t.Elem.Pos, path+"."+below)
		paths.typeBody(t.Elem, path+"."+below)
	}
}
