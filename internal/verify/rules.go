package verify

// A Rule is a word that findings have, and what it says of them.
type Rule struct{ Name, Meaning string }

// Rules returns all words that findings can have, in the order in which people read them.
func Rules() []Rule {
	return []Rule{
		{Unreadable, "a part of the file holds no event"},
		{Unplanned, "the plan has no event of that name"},
		{"required", "a required property is missing"},
		{"type", "a value has another form than the plan's type"},
		{"nullable", "null, and the property is not nullable"},
		{"const", "a constant is missing or has another value"},
		{"enum", "none of the values of the enum"},
		{"min", "below the smallest value"},
		{"max", "above the largest value"},
		{"min_length", "shorter than the text may be"},
		{"max_length", "longer than the text may be"},
		{"pattern", "text that does not match the pattern"},
		{"min_items", "fewer items than there must be"},
		{"max_items", "more items than there may be"},
		{"max_bytes", "more bytes of JSON than there may be"},
		{"strip_query", "an address still has its query or fragment"},
		{"pii", "a personal value was not treated as the plan says"},
		{"extra_properties", "a property that the plan does not have"},
		{"discriminator", "a union says in no way which variant it is"},
		{"variants", "none of the variants of the union"},
		{"group", "a required group is missing"},
		{"groups", "a group that the plan does not have"},
		{"person", "a person property that the plan does not have there"},
		{"write", "a person property in the wrong bucket"},
		{"person_profile", "the event must not have a person profile"},
		{"features", "an AI feature that the plan does not have"},
	}
}
