package judge

// campaignKeys are properties that PostHog's library for browsers takes from the address of
// the page and sends with every event, as null if the address does not have them. Some are
// in $set and $set_once, too.
var campaignKeys = map[string]bool{
	"utm_source": true, "utm_medium": true, "utm_campaign": true, "utm_content": true, "utm_term": true,
	"gad_source": true, "mc_cid": true, "gclid": true, "gclsrc": true, "dclid": true, "gbraid": true, "wbraid": true,
	"fbclid": true, "msclkid": true, "twclid": true, "li_fat_id": true, "igshid": true, "ttclid": true, "rdt_cid": true,
	"epik": true, "qclid": true, "sccid": true, "oppref": true, "bfcid": true, "irclid": true, "_kx": true,
}

// ofCampaign reports whether that library sends a property by itself, with an event of its.
func ofCampaign(key string, properties map[string]any) bool {
	return campaignKeys[key] && properties["$lib"] == "web"
}
