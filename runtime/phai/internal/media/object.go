package media

// An object is one that is being copied, as far as files in it are concerned.
type object struct {
	under  class // the key it stands under
	kind   kind  // of the files in it, if a member says so
	isCall bool  // it is an image_generation_call
	looked bool  // all that follows was asked
}

func (r *rewriter) object(under class) bool {
	o := object{under: under}
	more, ok := r.begin('}')
	for more {
		if !r.member(&o) {
			return false
		}
		more, ok = r.more('}')
	}
	return ok
}

func (r *rewriter) member(o *object) bool {
	if r.peek() != '"' {
		return false
	}
	key, written, ok := r.read()
	if !ok {
		return false
	}
	c := classes[string(key)]
	if !written {
		r.quoted(key)
	} else {
		r.emit(quote)
	}
	if r.peek() != ':' {
		return false
	}
	r.copyByte()
	if r.peek() != '"' || c.role < mime {
		return r.value(c, o)
	}
	at := len(r.dst) + 1
	if !r.value(class{}, o) {
		return false
	}
	o.learn(c, r.dst[at:len(r.dst)-1])
	return true
}

// learn takes over what a member says about the files beside it.
func (o *object) learn(c class, text []byte) {
	if len(text) > 100 {
		return
	}
	switch c.role {
	case mime:
		o.kind = ofMime(string(text))
	case format:
		if o.kind == unknown {
			o.kind = ofFormat(string(text))
		}
	case typed:
		o.isCall = o.isCall || string(text) == "image_generation_call"
	}
}

// look asks the members of o that are still to be read, once. A text that is not copied yet
// may have escapes, and is then no MIME type that anybody writes.
func (r *rewriter) look(o *object) {
	if o.looked {
		return
	}
	o.looked = true
	src := r.src
	for i := skipSpace(src, r.at); i < len(src) && src[i] == ','; i = skipSpace(src, i) {
		key, end, ok := textAt(src, skipSpace(src, i+1))
		if !ok {
			return
		}
		if i = skipSpace(src, end); i == len(src) || src[i] != ':' {
			return
		}
		i = skipSpace(src, i+1)
		if c := classes[string(key)]; c.role >= mime {
			if text, _, ok := textAt(src, i); ok {
				o.learn(c, text)
			}
		}
		i = skipValue(src, i)
	}
}

// isFile reports whether a text of base64 under a key of class c in the object in is a file.
func (r *rewriter) isFile(c class, in *object) bool {
	switch c.role {
	case encoded, holder:
		return true
	case link:
		return in.under.role == holder
	case result:
		if !in.isCall {
			r.look(in)
		}
		return in.isCall
	}
	return false
}

// fileKind is the kind of a file under a key of class c in the object in.
func (r *rewriter) fileKind(c class, in *object) kind {
	if in != nil && in.kind == unknown {
		r.look(in)
	}
	switch {
	case in != nil && in.kind != unknown:
		return in.kind
	case c.kind == unknown && in != nil:
		return in.under.kind
	}
	return c.kind
}
