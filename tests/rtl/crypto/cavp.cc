// SPDX-License-Identifier: Apache-2.0
#include "cavp.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

std::string cavp_gcm_dir()
{
	const char *env = getenv("CAVP_GCM_DIR");
	if (env)
		return env;
	/* Python knows where it installs; Debian's may not be the first in
	 * PATH. */
	FILE *p = popen(
		"for py in python3 /usr/bin/python3; do $py -c 'import os, "
		"cryptography_vectors as v; "
		"print(os.path.dirname(v.__file__))' "
		"2>/dev/null && break; done",
		"r");
	if (!p)
		return "";
	char line[1024] = "";
	bool ok = fgets(line, sizeof(line), p);
	if (pclose(p) != 0 || !ok)
		return "";
	std::string dir(line);
	dir.erase(dir.find_last_not_of("\r\n") + 1);
	return dir + "/ciphers/AES/GCM";
}

static std::vector<uint8_t> from_hex(const std::string &s)
{
	std::vector<uint8_t> v;
	for (size_t i = 0; i + 1 < s.size(); i += 2)
		v.push_back(
			(uint8_t)strtoul(s.substr(i, 2).c_str(), nullptr, 16));
	return v;
}

std::vector<cavp_case> cavp_read_gcm(const std::string &path, bool decrypt,
				     size_t min_tag)
{
	std::vector<cavp_case> all;
	std::ifstream f(path);
	std::string line;
	cavp_case c{};
	bool open = false;

	auto close = [&]() {
		if (open && c.iv.size() == 12 && c.tag.size() >= min_tag)
			all.push_back(c);
		open = false;
	};
	while (std::getline(f, line)) {
		line.erase(line.find_last_not_of(" \r\n") + 1);
		if (line == "FAIL") {
			c.fail = true;
			continue;
		}
		size_t eq = line.find('=');
		if (line.empty() || line[0] == '[' || line[0] == '#' ||
		    eq == std::string::npos)
			continue;
		std::string name = line.substr(0, line.find(' '));
		size_t from = line.find_first_not_of(" =", eq);
		std::string value =
			from == std::string::npos ? "" : line.substr(from);
		if (name == "Count") {
			close();
			c = cavp_case{};
			c.count = (unsigned int)strtoul(value.c_str(), nullptr,
							10);
			c.decrypt = decrypt;
			open = true;
		} else if (name == "Key") {
			c.key = from_hex(value);
		} else if (name == "IV") {
			c.iv = from_hex(value);
		} else if (name == "PT") {
			c.pt = from_hex(value);
		} else if (name == "CT") {
			c.ct = from_hex(value);
		} else if (name == "AAD") {
			c.aad = from_hex(value);
		} else if (name == "Tag") {
			c.tag = from_hex(value);
		}
	}
	close();
	return all;
}
