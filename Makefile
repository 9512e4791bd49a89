# What a person or CI runs. Everything else is `npm run …` or `sandbox/sandbox …`.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

SANDBOX = sandbox/sandbox
# Where a cluster is given, tests and demo use it; otherwise one is made on this machine, and they run inside its network.
INSIDE = $(if $(KUBECONFIG),,$(SANDBOX) run --)

.PHONY: demo test test-unit test-cluster build lint types bench shell schemas clean sandbox

build: node_modules/.stamp
	node build/bundle.ts

test: lint types test-unit test-cluster

test-unit: build
	mocha --config .mocharc.json 'test/unit/**/*.test.ts'

test-cluster: build sandbox
	$(INSIDE) mocha --config .mocharc.json 'test/{cluster,cli}/**/*.test.ts'

lint: node_modules/.stamp
	biome check .
	depcruise --config .dependency-cruiser.json src
	knip

types: node_modules/.stamp
	tsc --noEmit

# What is made from the source and committed: schemas/, docs/errors.md, oclif.manifest.json. Tests say when they are stale.
schemas: node_modules/.stamp
	node build/generate.ts

demo: build sandbox

bench: build sandbox

shell: build sandbox
	$(SANDBOX) shell

sandbox:
	@$(if $(KUBECONFIG),true,$(SANDBOX) up)

clean:
	rm -rf dist coverage
	-$(SANDBOX) down

# npm ci, when the lockfile is newer than what is installed.
node_modules/.stamp: package-lock.json
	npm ci
	@touch $@
