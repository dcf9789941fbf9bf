module example.com/roman

go 1.19

require example.com/ascii v1.0.0
