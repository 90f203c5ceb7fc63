package api

var share float64 = 0.5
