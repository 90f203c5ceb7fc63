package counter

import "math"

// earthRadius is the mean radius of the earth in metres.
const earthRadius = 6_371_008.8

// distance is how far two places are apart on the sphere, in metres.
func distance(a, b Place) int64 {
	radians := func(millionths int64) float64 { return float64(millionths) / million * math.Pi / 180 }
	lat1, lat2 := radians(a.Latitude), radians(b.Latitude)
	dLat, dLon := lat2-lat1, radians(b.Longitude)-radians(a.Longitude)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin(dLon/2), 2)
	return int64(math.Round(2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))))
}
