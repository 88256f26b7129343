package phtest

// Group returns the key of the group that the event belongs to, of groupType. It reports false
// if there is none.
func (r Record) Group(groupType string) (key string, ok bool) {
	groups, _ := r.Value("$groups")
	v, ok := groups.Field(groupType)
	return v.String(), ok
}

// Session returns $session_id, or "".
func (r Record) Session() string {
	v, _ := r.Value("$session_id")
	return v.String()
}

// Tag returns the value of a tag of the event's scope. It reports false if the scope had none, if
// it was null, or if the event has a property of its own with that key.
func (r Record) Tag(key string) (Value, bool) {
	tags, _ := r.Value("$context_tags")
	for _, tag := range tags.Items() {
		if tag.String() == key {
			return r.Value(key)
		}
	}
	return Value{}, false
}

// Personless reports whether the event makes and changes no person, as events of nobody do.
func (r Record) Personless() bool {
	v, ok := r.Value("$process_person_profile")
	return ok && !v.Bool()
}
