package schema

import "path/filepath"

// Files lists the files of the plan at name: the plan itself, then what it
// includes, in order. Only what keeps a file from being read or an include from
// being followed is looked for; then there are diagnostics instead. The error
// tells that a file cannot be read at all.
func Files(name string) ([]string, Diagnostics, error) {
	l := newLoader(name)
	s, err := l.read(name, filepath.ToSlash(name))
	if err == nil {
		err = l.include(s.root.at("include"))
	}
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, s := range l.files {
		names = append(names, s.name)
	}
	if l.found.seen > 0 {
		return nil, l.found.list.Sort(names), nil
	}
	return names, nil, nil
}

// Includes are the globs under include of the plan at name, whether they can be
// followed or not. The error is a [*SyntaxError] if the text is no YAML.
func Includes(name string) ([]string, error) {
	l := newLoader(name)
	s, err := l.read(name, filepath.ToSlash(name))
	if err != nil {
		return nil, err
	}
	if l.unread || s.root == nil {
		return nil, &SyntaxError{l.found.list.Sort(nil)}
	}
	var globs []string
	if list := s.root.at("include"); list != nil {
		for _, item := range list.items {
			if glob := l.glob(item); glob != "" {
				globs = append(globs, glob)
			}
		}
	}
	return globs, nil
}
