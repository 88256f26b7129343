package vet

import (
	"fmt"
	"os"
	"path/filepath"
)

// A Plan is what the generated packages of one plan declare.
type Plan struct {
	File      string // as Record.File
	Generated string // one of the files that were generated from it
	Events    map[string]*Record
	Flags     map[string]*Record
}

// Plans returns the plans whose files still stand in a folder around the packages that
// were generated from them. Dir is where the go command ran.
func (r *Results) Plans(dir string) []*Plan {
	var plans []*Plan
	for i := range r.Records {
		rec := &r.Records[i]
		if rec.Kind != EventDeclared && rec.Kind != FlagDeclared {
			continue
		}
		file, ok := planFile(absolute(dir, rec.File), rec.Plan)
		if !ok {
			continue
		}
		file = relative(absolute(dir, ""), file)
		p := find(plans, func(p **Plan) bool { return (*p).File == file })
		if p == nil {
			plans = append(plans, &Plan{file, rec.File, map[string]*Record{}, map[string]*Record{}})
			p = &plans[len(plans)-1]
		}
		if rec.Kind == EventDeclared {
			(*p).Events[rec.Name] = rec
		} else {
			(*p).Flags[rec.Name] = rec
		}
	}
	return plans
}

// planFile finds the plan that a generated file was made from: the nearest file of that
// name in the folders around it, up to the module's. It reports false if there is none.
func planFile(generated, plan string) (string, bool) {
	if plan != filepath.Base(plan) {
		return "", false
	}
	for dir := filepath.Dir(generated); ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, plan)
		if stat, err := os.Stat(file); err == nil && stat.Mode().IsRegular() {
			return file, true
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return "", false
		}
	}
}

// ByString finds planned events that are sent, and planned flags that are read, by a
// string in packages that see no generated package: a plan is meant for all that lies
// below its folder. Dir is where the go command ran.
func (r *Results) ByString(dir string) []Finding {
	reported := map[Finding]bool{}
	for _, f := range r.Findings {
		if f.Code == "PHV002" {
			reported[Finding{File: f.File, Line: f.Line, Col: f.Col}] = true
		}
	}
	plans := r.Plans(dir)
	var found []Finding
	for _, rec := range r.Records {
		place := Finding{File: rec.File, Line: rec.Line, Col: rec.Col}
		if rec.Kind != EventSent && rec.Kind != FlagAsked || rec.Ignored || reported[place] {
			continue
		}
		for _, p := range plans {
			declared, format := p.Events[rec.Name], eventByString
			if rec.Kind == FlagAsked {
				declared, format = p.Flags[rec.Name], flagByString
			}
			if declared != nil && below(absolute(dir, rec.File), filepath.Dir(absolute(dir, p.File))) {
				place.Code, place.Message = "PHV002", fmt.Sprintf(format, rec.Name, qualified(declared.Package, declared.Func))
				found = append(found, place)
				break
			}
		}
	}
	return found
}

// Unused returns the events and flags that are declared and that no package uses, tests
// aside. It is only right if the packages are a whole program. A generated package of
// which nothing is used is somebody else's to use, and not looked at; what is deprecated
// need not be used.
func (r *Results) Unused() []Record {
	type thing struct {
		folder, name string
		event        bool
	}
	used, alive := map[thing]bool{}, map[string]bool{}
	for _, rec := range r.Records {
		if !rec.Test() && (rec.Kind == EventUsed || rec.Kind == FlagRead) {
			used[thing{rec.out(), rec.Name, rec.Kind == EventUsed}] = true
			alive[rec.out()] = true
		}
	}
	var unused []Record
	for _, rec := range r.Records {
		declared := rec.Kind == EventDeclared || rec.Kind == FlagDeclared
		if declared && !rec.Deprecated && alive[rec.out()] && !used[thing{rec.out(), rec.Name, rec.Kind == EventDeclared}] {
			unused = append(unused, rec)
		}
	}
	return unused
}

// relative is file seen from base, if it lies below it.
func relative(base, file string) string {
	if rel, err := filepath.Rel(base, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

func absolute(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	abs, err := filepath.Abs(filepath.Join(dir, file))
	if err != nil {
		return file
	}
	return abs
}

// below reports whether file lies in folder or below it.
func below(file, folder string) bool {
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel)
}
