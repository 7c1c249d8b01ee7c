package pcsc

import "encoding/binary"

// Tags and sizes of PC/SC part 10, sections 2.2 and 2.6.14.
const (
	getFeatureRequest    = 3400
	featureTLVProperties = 0x12
	propertyMaxAPDU      = 0x0A
)

// featureCode returns the control code of a feature from the answer to GET_FEATURE_REQUEST. Each entry has a tag, the
// length 4, and the code in big-endian order.
func featureCode(features []byte, feature byte) (uint32, bool) {
	for len(features) >= 6 && features[1] == 4 {
		if features[0] == feature {
			return binary.BigEndian.Uint32(features[2:6]), true
		}
		features = features[6:]
	}
	return 0, false
}

// maxAPDUData returns dwMaxAPDUDataSize in bytes from the answer to FEATURE_GET_TLV_PROPERTIES. Each entry has a tag,
// a length and a little-endian value. The result is 0 if the reader doesn't report it, or supports only short APDUs.
func maxAPDUData(properties []byte) int {
	for len(properties) >= 2 {
		tag, n := properties[0], int(properties[1])
		properties = properties[2:]
		if n > len(properties) {
			return 0
		}
		if tag == propertyMaxAPDU && n == 4 {
			return int(min(binary.LittleEndian.Uint32(properties), 1<<16))
		}
		properties = properties[n:]
	}
	return 0
}
