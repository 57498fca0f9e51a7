# SPDX-License-Identifier: Apache-2.0
#
# Sourced: the two gateways' swanctl.conf, certificates of a CA made for this
# run, and a strongswan.conf for the swanctl client.

pki() { # FOLDER
	(
		umask 077
		mkdir -p "$1"
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
			-keyout "$1/ca.key" -out "$1/ca.pem" -days 2 -subj "/O=Espalier/CN=Run CA" \
			-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
		for site in a b; do
			name=gw-$site.example.org
			openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
				-keyout "$1/$site.key" -out "$1/$site.csr" -subj "/O=Espalier/CN=$name"
			printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n' \
				$name >"$1/$site.ext"
			openssl x509 -req -in "$1/$site.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" \
				-CAcreateserial -days 2 -extfile "$1/$site.ext" -out "$1/$site.pem"
		done
	) >"$1.log" 2>&1
}

conn() { # NAME LOCAL-ADDR REMOTE-ADDR LOCAL-TS REMOTE-TS START
	cat <<-END
	  $1 {
	    version = 2
	    local_addrs = $2
	    remote_addrs = $3
	    proposals = aes128gcm16-prfsha256-x25519
	    dpd_delay = 30s
	    local {
	      auth = pubkey
	      certs = gw-$site.pem
	      id = gw-$site.example.org
	    }
	    remote {
	      auth = pubkey
	      id = gw-$other.example.org
	    }
	    children {
	      net-$1 {
	        local_ts = $4
	        remote_ts = $5
	        esp_proposals = aes256gcm16-x25519-noesn
	        start_action = $6
	        # tshark cannot check ICVs of extended sequence numbers
	        replay_window = 1024
	      }
	    }
	  }
	END
}

write_swanctl() { # FOLDER: FOLDER/a, FOLDER/b
	pki "$1/pki" || return 1
	for site in a b; do
		if [ $site = a ]; then other=b me=1 peer=2 start=start; else other=a me=2 peer=1 start=none; fi
		d=$1/$site
		mkdir -p "$d/x509" "$d/x509ca" "$d/private"
		cp "$1/pki/$site.pem" "$d/x509/gw-$site.pem"
		cp "$1/pki/ca.pem" "$d/x509ca"
		cp "$1/pki/$site.key" "$d/private/gw-$site.key"
		{
			echo "connections {"
			conn v4 192.0.2.$me 192.0.2.$peer 10.$me.0.0/24 10.$peer.0.0/24 $start
			conn v6 2001:db8::$me 2001:db8::$peer fd00:$site::/64 fd00:$other::/64 $start
			echo "}"
		} >"$d/swanctl.conf"
	done
	# swanctl reads the plugins that it needs from here and no others
	echo "swanctl { load = random nonce openssl pem x509 pubkey pkcs1 pkcs8 }" >"$1/strongswan.conf"
}
