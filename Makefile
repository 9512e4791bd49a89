# What a person or CI runs. Everything else is `npm run …` or `sandbox/sandbox …`.
# The machine's own Node installs; then the one of node_modules runs everything.
MACHINE_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

SANDBOX = sandbox/sandbox
# Where a cluster is given, tests and demo use it; otherwise one is made on this machine, and they run inside its network.
INSIDE = $(if $(KUBECONFIG),,$(SANDBOX) run --)

.PHONY: demo kubernetes test test-unit test-cluster soak build lint types bench shell schemas clean sandbox

build: node_modules/.package-lock.json
	node build/bundle.ts

test: lint types test-unit test-cluster

test-unit: node_modules/.package-lock.json
	mocha --config .mocharc.json 'test/unit/**/*.test.ts'

# Two files at once: most of their time is the cluster's. Those that take its nodes, or all of its CPU, come after the others.
# A browser, for the test of the page; without one that test says why it fails. From inside the sandbox's network nothing can be installed.
test-cluster: build sandbox
	-@test/page/install-browser
	$(INSIDE) mocha --config .mocharc.json --parallel --jobs 2 --ignore '**/*.alone.test.ts' 'test/{cluster,cli}/**/*.test.ts'
	$(INSIDE) mocha --config .mocharc.json 'test/cluster/*.alone.test.ts'

# Kills and disturbs every operation at every point, for hours, and writes docs/reliability.md. BERTH_SOAK=0.2 tries a fifth.
soak: build sandbox
	$(INSIDE) env BERTH_SOAK=$${BERTH_SOAK:-1} mocha --config .mocharc.json 'test/cluster/app-{crash,faults,isolation}*.test.ts'

lint: node_modules/.package-lock.json
	biome check .
	depcruise --config .dependency-cruiser.json src
	knip

types: node_modules/.package-lock.json
	tsc --noEmit

# What is made from the source and committed: schemas/, docs/errors.md, oclif.manifest.json. Tests say when they are stale.
schemas: node_modules/.package-lock.json
	node build/generate.ts

# What lint knows of Kubernetes, from the sandbox's API server.
kubernetes: node_modules/.package-lock.json sandbox
	$(INSIDE) node build/kubernetes.ts

# PostgreSQL, and Miniflux with its own database in it, published under its host name.
demo: build sandbox
	$(INSIDE) sandbox/demo

# Helm is built outside of the sandbox's network, from which nothing can be downloaded.
bench: build sandbox
	node bench/programs.ts
	$(INSIDE) node bench/run.ts

shell: build sandbox
	$(SANDBOX) shell

sandbox:
	@$(if $(KUBECONFIG),true,$(SANDBOX) up)

clean:
	rm -rf dist coverage
	-$(SANDBOX) down

# npm writes this file last, so that it is as old as the installation.
node_modules/.package-lock.json: package-lock.json
	PATH="$(MACHINE_PATH)" npm ci
	@touch $@
