import sys

from tariff import price

print(price(int(sys.argv[1]), *sys.argv[2:3]))
