# SPDX-License-Identifier: Apache-2.0
#
# Sourced: writes the configurations of the two gateways with fresh keys.
# Site A has 10.1.0.0/24 and fd00:a::/64, site B 10.2.0.0/24 and fd00:b::/64.

random_hex() { # BYTES
	od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

MAC_A=02:45:53:50:0a:01
MAC_B=02:45:53:50:0b:01

sa() { # DIR SPI SRC DST KEY REQID
	cat <<-END
	  { dir = "$1"; mode = "tunnel"; spi = $2; src = "$3"; dst = "$4";
	    key = "$5"; icv = 16; reqid = $6; mtu = 1500; ttl = 64; },
	END
}

policy() { # DIR SRC DST SPI REQID
	if [ "$1" = out ]; then ref="spi = $4"; else ref="reqid = $5"; fi
	cat <<-END
	  { dir = "$1"; action = "protect"; priority = 10; src = "$2"; dst = "$3"; $ref; },
	END
}

write_configs() { # FOLDER MTU
	k4ab=$(random_hex 20) k4ba=$(random_hex 20)
	k6ab=$(random_hex 36) k6ba=$(random_hex 36)
	o4a=192.0.2.1 o4b=192.0.2.2 o6a=2001:db8::1 o6b=2001:db8::2
	i4a=10.1.0.0/24 i4b=10.2.0.0/24 i6a=fd00:a::/64 i6b=fd00:b::/64
	for site in a b; do
		if [ $site = a ]; then ab=out ba=in peer=$MAC_B; else ab=in ba=out peer=$MAC_A; fi
		(
			umask 077
			{
				echo "gateway = { peer_mac = \"$peer\"; mtu = $2; };"
				echo "sas = ("
				{
					sa $ab 0x1001 $o4a $o4b "$k4ab" 1
					sa $ba 0x1002 $o4b $o4a "$k4ba" 1
					sa $ab 0x2001 $o6a $o6b "$k6ab" 2
					sa $ba 0x2002 $o6b $o6a "$k6ba" 2
				} | sed '$s/},$/}/'
				echo ");"
				echo "policies = ("
				policy $ab $i4a $i4b 0x1001 1
				policy $ba $i4b $i4a 0x1002 1
				policy $ab $i6a $i6b 0x2001 2
				policy $ba $i6b $i6a 0x2002 2
				# what the kernel itself says on the TUN device
				echo '  { dir = "out"; action = "discard"; priority = 90; src = "::/0"; dst = "ff02::/16"; }'
				echo ");"
			} >"$1/$site.conf"
		)
	done
}
