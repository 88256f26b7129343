package schema

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
)

// JoinPath writes keys of a plan as one path, separated by dots:
// events.movie_played.properties.title. A key that a path could not hold as it
// is, such as one with a dot, is quoted as in Go.
func JoinPath(keys ...string) string {
	var b strings.Builder
	for i, key := range keys {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(pathKey(key))
	}
	return b.String()
}

// pathKey is one key as a path holds it.
func pathKey(key string) string {
	if key == "" || strings.ContainsAny(key, `.*"\`) || strings.ContainsFunc(key, unicode.IsControl) {
		return strconv.Quote(key)
	}
	return key
}

// A PathPattern stands for places of a plan: keys with dots between them, where
// "*" is any text within one key. It covers what lies below, too.
type PathPattern struct {
	keys []patternKey
}

// A patternKey is one key of a pattern. What is quoted has no asterisks.
type patternKey struct {
	text   string
	quoted bool
}

// ParsePathPattern reads a pattern. The empty one is an error, and so is an empty
// key that is not quoted.
func ParsePathPattern(text string) (PathPattern, error) {
	keys, err := splitPath(text)
	return PathPattern{keys}, err
}

// Covers reports whether path, as JoinPath writes it, is one of the places or lies
// below one.
func (p PathPattern) Covers(path string) bool {
	keys, err := splitPath(path)
	if err != nil || len(keys) < len(p.keys) || len(p.keys) == 0 {
		return false
	}
	for i, want := range p.keys {
		if !want.matches(keys[i].text) {
			return false
		}
	}
	return true
}

func (k patternKey) matches(key string) bool {
	parts := strings.Split(k.text, "*")
	if k.quoted || len(parts) == 1 {
		return k.text == key
	}
	key, ok := strings.CutPrefix(key, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, rest, found := strings.Cut(key, part)
		if !found {
			return false
		}
		key = rest
	}
	return strings.HasSuffix(key, parts[last])
}

// splitPath takes a path or a pattern apart.
func splitPath(text string) ([]patternKey, error) {
	var keys []patternKey
	for {
		key, rest := text, ""
		if strings.HasPrefix(text, `"`) {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, errors.New("a quote is not closed")
			}
			key, _ = strconv.Unquote(quoted) // it was just found to be one
			keys, rest = append(keys, patternKey{key, true}), text[len(quoted):]
			if rest != "" && rest[0] != '.' {
				return nil, errors.New("a dot is missing behind a quoted key")
			}
		} else {
			if i := strings.IndexByte(text, '.'); i >= 0 {
				key, rest = text[:i], text[i:]
			}
			if key == "" {
				return nil, errors.New("a key is empty")
			}
			keys = append(keys, patternKey{text: key})
		}
		if rest == "" {
			return keys, nil
		}
		text = rest[1:]
	}
}

// locateNodes tells findings about files the paths of their places.
func (ds Diagnostics) locateNodes(files []*source) {
	if len(ds) == 0 {
		return
	}
	wanted := make(map[Pos]string, len(ds))
	for _, d := range ds {
		wanted[d.Pos] = ""
	}
	for _, s := range files {
		if s.root != nil {
			pathsOfNodes(s.root, "", wanted)
		}
	}
	for i := range ds {
		ds[i].Path = wanted[ds[i].Pos]
	}
}

// pathsOfNodes fills in the paths of the wanted places in n, which lies at path. A
// mapping in block style begins where its first key does; that place is the key's.
func pathsOfNodes(n *node, path string, wanted map[Pos]string) {
	note := func(n *node, path string) {
		if _, ok := wanted[n.pos()]; ok {
			wanted[n.pos()] = path
		}
	}
	note(n, path)
	for i, item := range n.items {
		below := pathKey(strconv.Itoa(i))
		switch {
		case n.kind == mappingNode:
			below = pathKey(n.keys[i].text)
		case item.kind == scalarNode:
			below = pathKey(item.text)
		case item.at("key") != nil: // a question of a survey
			below = pathKey(item.at("key").text)
		}
		if path != "" {
			below = path + "." + below
		}
		pathsOfNodes(item, below, wanted)
		if n.kind == mappingNode {
			note(n.keys[i], below)
		}
	}
}
