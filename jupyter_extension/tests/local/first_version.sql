BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE artifact_tasks (
	id VARCHAR NOT NULL, 
	artifact_id VARCHAR NOT NULL, 
	task_id VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	output BOOLEAN NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
INSERT INTO "artifact_tasks" VALUES('4862d406-4192-5814-a870-245dcb2aa66a','3e360ad1-981b-4853-aa2e-01c4a94bbc22','86c72870-1b32-45e1-9b31-052939f2449d','424f4992-17f1-4d7b-9d9f-7eb2ded5e282','metrics',1,0);
INSERT INTO "artifact_tasks" VALUES('bb4125ee-1536-568b-9693-51eaac0d28ad','82c05228-fccd-4144-82a2-57d293ddd5db','86c72870-1b32-45e1-9b31-052939f2449d','424f4992-17f1-4d7b-9d9f-7eb2ded5e282','model',1,0);
INSERT INTO "artifact_tasks" VALUES('7ddcb4a5-45be-51c5-b872-f82a8d9308b2','3e360ad1-981b-4853-aa2e-01c4a94bbc22','5549ce6b-2d47-4897-9e83-1ec5503d9304','c525bd69-df7a-4084-807d-f268795478aa','metrics',1,0);
INSERT INTO "artifact_tasks" VALUES('52f34496-4b78-58b6-8151-295ca677e5ed','82c05228-fccd-4144-82a2-57d293ddd5db','5549ce6b-2d47-4897-9e83-1ec5503d9304','c525bd69-df7a-4084-807d-f268795478aa','model',1,0);
CREATE TABLE artifacts (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	properties JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "artifacts" VALUES('3e360ad1-981b-4853-aa2e-01c4a94bbc22','metrics','system.Metrics','@HOME@/artifacts/424f4992-17f1-4d7b-9d9f-7eb2ded5e282/86c72870-1b32-45e1-9b31-052939f2449d/metrics','{"accuracy": 0.75}','2026-11-21 14:43:11.636166');
INSERT INTO "artifacts" VALUES('82c05228-fccd-4144-82a2-57d293ddd5db','model','system.Model','@HOME@/artifacts/424f4992-17f1-4d7b-9d9f-7eb2ded5e282/86c72870-1b32-45e1-9b31-052939f2449d/model','{}','2026-11-21 14:43:11.636190');
CREATE TABLE experiments (
	id VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	description TEXT, 
	created_at DATETIME NOT NULL, 
	last_run_created_at DATETIME, 
	storage_state VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (display_name)
);
INSERT INTO "experiments" VALUES('3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','Default','All runs created without specifying an experiment.','2026-11-21 14:43:07.791963','2026-11-21 14:43:13.573929','AVAILABLE');
INSERT INTO "experiments" VALUES('37e8b10c-9459-43b8-8be5-f6feab8fe525','kept','All that is kept','2026-11-21 14:43:10.150278','2026-11-21 14:43:10.645682','AVAILABLE');
INSERT INTO "experiments" VALUES('116ff938-760e-4215-817a-5df97cb9d8d6','old',NULL,'2026-11-21 14:43:10.227328',NULL,'ARCHIVED');
CREATE TABLE pipeline_versions (
	id VARCHAR NOT NULL, 
	pipeline_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	description TEXT, 
	created_at DATETIME NOT NULL, 
	code_source_url VARCHAR, 
	package_url VARCHAR, 
	tags JSON NOT NULL, 
	spec_digest VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(pipeline_id) REFERENCES pipelines (id) ON DELETE CASCADE, 
	FOREIGN KEY(spec_digest) REFERENCES specs (digest), 
	UNIQUE (pipeline_id, name)
);
INSERT INTO "pipeline_versions" VALUES('f81708c4-d0f7-4a51-987b-81e2bb0b3588','815e7c9d-7d5b-4aa8-ae0e-0874d6a99d53','Adder','Adder',NULL,'2026-11-21 14:43:09.571149',NULL,NULL,'{}','f993855433ddd57c0f8e7cfcfb0cd7c471175ceb27e7e189bb2e1ba44f2255ab');
INSERT INTO "pipeline_versions" VALUES('9b65c281-e705-42e6-b9da-f717e1ff9b0f','815e7c9d-7d5b-4aa8-ae0e-0874d6a99d53','second','second',NULL,'2026-11-21 14:43:10.064119',NULL,NULL,'{}','f993855433ddd57c0f8e7cfcfb0cd7c471175ceb27e7e189bb2e1ba44f2255ab');
CREATE TABLE pipelines (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	description TEXT, 
	created_at DATETIME NOT NULL, 
	tags JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "pipelines" VALUES('815e7c9d-7d5b-4aa8-ae0e-0874d6a99d53','Adder','Adder',NULL,'2026-11-21 14:43:09.564514','{}');
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	experiment_id VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	description TEXT, 
	created_at DATETIME NOT NULL, 
	scheduled_at DATETIME, 
	finished_at DATETIME, 
	state VARCHAR NOT NULL, 
	storage_state VARCHAR NOT NULL, 
	error TEXT, 
	state_history JSON NOT NULL, 
	service_account VARCHAR, 
	pipeline_id VARCHAR, 
	pipeline_version_id VARCHAR, 
	parameters JSON NOT NULL, 
	pipeline_root VARCHAR, 
	enable_caching BOOLEAN, 
	spec_digest VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(spec_digest) REFERENCES specs (digest)
);
INSERT INTO "runs" VALUES('88e02d51-4c3a-4cf9-890c-7212d0aea63f','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','added',NULL,'2026-11-21 14:43:10.406896','2026-11-21 14:43:10.406896','2026-11-21 14:43:11.990966','SUCCEEDED','ARCHIVED',NULL,'[{"time": "2026-11-21T14:43:10.406932+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.454504+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.990935+00:00", "state": "SUCCEEDED"}]',NULL,'815e7c9d-7d5b-4aa8-ae0e-0874d6a99d53','9b65c281-e705-42e6-b9da-f717e1ff9b0f','{"x": 1}',NULL,NULL,'f993855433ddd57c0f8e7cfcfb0cd7c471175ceb27e7e189bb2e1ba44f2255ab');
INSERT INTO "runs" VALUES('9af045c8-1f67-4683-b568-77c88fe9b568','37e8b10c-9459-43b8-8be5-f6feab8fe525','failed',NULL,'2026-11-21 14:43:10.645682','2026-11-21 14:43:10.645682','2026-11-21 14:43:11.460210','FAILED','AVAILABLE','fail: ValueError: no such luck (exit code 1)','[{"time": "2026-11-21T14:43:10.645771+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.668835+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.460179+00:00", "state": "FAILED", "error": "fail: ValueError: no such luck (exit code 1)"}]',NULL,NULL,NULL,'{}',NULL,NULL,'b0095613362570df9e31ed47e34c8980c49bb41741c37bc3da93019d66aa0ec4');
INSERT INTO "runs" VALUES('424f4992-17f1-4d7b-9d9f-7eb2ded5e282','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','modelled',NULL,'2026-11-21 14:43:10.862501','2026-11-21 14:43:10.862501','2026-11-21 14:43:11.743458','SUCCEEDED','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:10.862542+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.890681+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.743429+00:00", "state": "SUCCEEDED"}]',NULL,NULL,NULL,'{"weights": "w"}',NULL,NULL,'00ca60ac8e0d44981b45249acc9e57d1f85051d0393d1b30a589b25f6d6169e9');
INSERT INTO "runs" VALUES('c525bd69-df7a-4084-807d-f268795478aa','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','cached',NULL,'2026-11-21 14:43:12.204352','2026-11-21 14:43:12.204352','2026-11-21 14:43:12.384198','SUCCEEDED','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:12.204395+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.240206+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:12.384170+00:00", "state": "SUCCEEDED"}]',NULL,NULL,NULL,'{"weights": "w"}',NULL,NULL,'00ca60ac8e0d44981b45249acc9e57d1f85051d0393d1b30a589b25f6d6169e9');
INSERT INTO "runs" VALUES('15962a42-fec0-44a5-b69a-76d2ee719c1c','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','cancelled',NULL,'2026-11-21 14:43:12.537273','2026-11-21 14:43:12.537273','2026-11-21 14:43:12.975053','CANCELED','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:12.537311+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.580310+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:12.818383+00:00", "state": "CANCELING"}, {"time": "2026-11-21T14:43:12.975015+00:00", "state": "CANCELED"}]',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "cancelled"}',NULL,NULL,'88a6ed05cf33b2bbb0e3a95327229f548fa790c6395f9d25fd7022ba954bdb87');
INSERT INTO "runs" VALUES('9185b32b-8cd7-47bc-a99e-b282c2691080','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','running 0',NULL,'2026-11-21 14:43:13.044277','2026-11-21 14:43:13.044277',NULL,'RUNNING','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:13.044309+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.089910+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "running 0"}',NULL,NULL,'88a6ed05cf33b2bbb0e3a95327229f548fa790c6395f9d25fd7022ba954bdb87');
INSERT INTO "runs" VALUES('e859a620-3657-4166-a984-47c11ad2721b','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','running 1',NULL,'2026-11-21 14:43:13.319539','2026-11-21 14:43:13.319539',NULL,'RUNNING','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:13.319573+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.361437+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "running 1"}',NULL,NULL,'88a6ed05cf33b2bbb0e3a95327229f548fa790c6395f9d25fd7022ba954bdb87');
INSERT INTO "runs" VALUES('7292fbaa-828b-4989-8ddc-a8db965e7b76','3ea0bcb6-a739-4ca3-86d7-4d7cf37a0cce','waiting',NULL,'2026-11-21 14:43:13.573929','2026-11-21 14:43:13.573929',NULL,'RUNNING','AVAILABLE',NULL,'[{"time": "2026-11-21T14:43:13.573962+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.610041+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "waiting"}',NULL,NULL,'88a6ed05cf33b2bbb0e3a95327229f548fa790c6395f9d25fd7022ba954bdb87');
CREATE TABLE specs (
	digest VARCHAR NOT NULL, 
	pipeline_spec JSON NOT NULL, 
	platform_spec JSON, 
	PRIMARY KEY (digest)
);
INSERT INTO "specs" VALUES('f993855433ddd57c0f8e7cfcfb0cd7c471175ceb27e7e189bb2e1ba44f2255ab','{"components": {"comp-add": {"executorLabel": "exec-add", "inputDefinitions": {"parameters": {"a": {"parameterType": "NUMBER_INTEGER"}, "b": {"parameterType": "NUMBER_INTEGER"}}}, "outputDefinitions": {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}}}, "comp-add-2": {"executorLabel": "exec-add-2", "inputDefinitions": {"parameters": {"a": {"parameterType": "NUMBER_INTEGER"}, "b": {"parameterType": "NUMBER_INTEGER"}}}, "outputDefinitions": {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}}}}, "deploymentSpec": {"executors": {"exec-add": {"container": {"args": ["--executor_input", "{{$}}", "--function_to_execute", "add"], "command": ["sh", "-c", "\nif ! [ -x \"$(command -v pip)\" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location ''kfp==2.17.0'' ''--no-deps'' ''typing-extensions>=3.7.4,<5; python_version<\"3.9\"'' && \"$0\" \"$@\"\n", "sh", "-ec", "program_path=$(mktemp -d)\n\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path                         \"$program_path/ephemeral_component.py\"                         \"$@\"\n", "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef add(a: int, b: int) -> int:\n    print(f\"adding {a} and {b}\")\n    return a + b\n\n"], "image": "python:3.11"}}, "exec-add-2": {"container": {"args": ["--executor_input", "{{$}}", "--function_to_execute", "add"], "command": ["sh", "-c", "\nif ! [ -x \"$(command -v pip)\" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location ''kfp==2.17.0'' ''--no-deps'' ''typing-extensions>=3.7.4,<5; python_version<\"3.9\"'' && \"$0\" \"$@\"\n", "sh", "-ec", "program_path=$(mktemp -d)\n\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path                         \"$program_path/ephemeral_component.py\"                         \"$@\"\n", "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef add(a: int, b: int) -> int:\n    print(f\"adding {a} and {b}\")\n    return a + b\n\n"], "image": "python:3.11"}}}}, "pipelineInfo": {"description": "Adds: ``x`` is required. It says what it adds.", "name": "adder"}, "root": {"dag": {"outputs": {"parameters": {"Output": {"valueFromParameter": {"outputParameterKey": "Output", "producerSubtask": "add-2"}}}}, "tasks": {"add": {"cachingOptions": {"enableCache": true}, "componentRef": {"name": "comp-add"}, "inputs": {"parameters": {"a": {"componentInputParameter": "x"}, "b": {"componentInputParameter": "y"}}}, "taskInfo": {"name": "add"}}, "add-2": {"cachingOptions": {"enableCache": true}, "componentRef": {"name": "comp-add-2"}, "dependentTasks": ["add"], "inputs": {"parameters": {"a": {"taskOutputParameter": {"outputParameterKey": "Output", "producerTask": "add"}}, "b": {"runtimeValue": {"constant": 4.0}}}}, "taskInfo": {"name": "add-2"}}}}, "inputDefinitions": {"parameters": {"name": {"defaultValue": "it''s \u00fcn\u00efcode", "isOptional": true, "parameterType": "STRING"}, "x": {"parameterType": "NUMBER_INTEGER"}, "y": {"defaultValue": 3.0, "isOptional": true, "parameterType": "NUMBER_INTEGER"}}}, "outputDefinitions": {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}}}, "schemaVersion": "2.1.0", "sdkVersion": "kfp-2.17.0"}',NULL);
INSERT INTO "specs" VALUES('b0095613362570df9e31ed47e34c8980c49bb41741c37bc3da93019d66aa0ec4','{"components": {"comp-fail": {"executorLabel": "exec-fail", "outputDefinitions": {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}}}}, "deploymentSpec": {"executors": {"exec-fail": {"container": {"args": ["--executor_input", "{{$}}", "--function_to_execute", "fail"], "command": ["sh", "-c", "\nif ! [ -x \"$(command -v pip)\" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location ''kfp==2.17.0'' ''--no-deps'' ''typing-extensions>=3.7.4,<5; python_version<\"3.9\"'' && \"$0\" \"$@\"\n", "sh", "-ec", "program_path=$(mktemp -d)\n\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path                         \"$program_path/ephemeral_component.py\"                         \"$@\"\n", "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef fail() -> int:\n    raise ValueError(\"no such luck\")\n\n"], "image": "python:3.11"}}}}, "pipelineInfo": {"description": "Its only task raises.", "name": "failing"}, "root": {"dag": {"tasks": {"fail": {"cachingOptions": {"enableCache": true}, "componentRef": {"name": "comp-fail"}, "taskInfo": {"name": "fail"}}}}}, "schemaVersion": "2.1.0", "sdkVersion": "kfp-2.17.0"}',NULL);
INSERT INTO "specs" VALUES('00ca60ac8e0d44981b45249acc9e57d1f85051d0393d1b30a589b25f6d6169e9','{"components": {"comp-model": {"executorLabel": "exec-model", "inputDefinitions": {"parameters": {"weights": {"parameterType": "STRING"}}}, "outputDefinitions": {"artifacts": {"metrics": {"artifactType": {"schemaTitle": "system.Metrics", "schemaVersion": "0.0.1"}}, "model": {"artifactType": {"schemaTitle": "system.Model", "schemaVersion": "0.0.1"}}}}}}, "deploymentSpec": {"executors": {"exec-model": {"container": {"args": ["--executor_input", "{{$}}", "--function_to_execute", "model"], "command": ["sh", "-c", "\nif ! [ -x \"$(command -v pip)\" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location ''kfp==2.17.0'' ''--no-deps'' ''typing-extensions>=3.7.4,<5; python_version<\"3.9\"'' && \"$0\" \"$@\"\n", "sh", "-ec", "program_path=$(mktemp -d)\n\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path                         \"$program_path/ephemeral_component.py\"                         \"$@\"\n", "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef model(weights: str, model: dsl.Output[dsl.Model], metrics: dsl.Output[dsl.Metrics]):\n    metrics.log_metric(\"accuracy\", 0.75)\n    with open(model.path, \"w\") as file:\n        file.write(weights)\n\n"], "image": "python:3.11"}}}}, "pipelineInfo": {"name": "modelled"}, "root": {"dag": {"tasks": {"model": {"cachingOptions": {"enableCache": true}, "componentRef": {"name": "comp-model"}, "inputs": {"parameters": {"weights": {"componentInputParameter": "weights"}}}, "taskInfo": {"name": "model"}}}}, "inputDefinitions": {"parameters": {"weights": {"parameterType": "STRING"}}}}, "schemaVersion": "2.1.0", "sdkVersion": "kfp-2.17.0"}',NULL);
INSERT INTO "specs" VALUES('88a6ed05cf33b2bbb0e3a95327229f548fa790c6395f9d25fd7022ba954bdb87','{"components": {"comp-gate": {"executorLabel": "exec-gate", "inputDefinitions": {"parameters": {"folder": {"parameterType": "STRING"}, "name": {"parameterType": "STRING"}}}}}, "deploymentSpec": {"executors": {"exec-gate": {"container": {"args": ["{{$.inputs.parameters[''folder'']}}", "{{$.inputs.parameters[''name'']}}"], "command": ["sh", "-c", ": > \"$0/$1.running\"; echo begin; until [ -e \"$0/$1.go\" ]; do sleep 0.02; done; echo end"], "image": "busybox"}}}}, "pipelineInfo": {"name": "gated"}, "root": {"dag": {"tasks": {"gate": {"cachingOptions": {}, "componentRef": {"name": "comp-gate"}, "inputs": {"parameters": {"folder": {"componentInputParameter": "folder"}, "name": {"componentInputParameter": "name"}}}, "taskInfo": {"name": "gate"}}}}, "inputDefinitions": {"parameters": {"folder": {"parameterType": "STRING"}, "name": {"parameterType": "STRING"}}}}, "schemaVersion": "2.1.0", "sdkVersion": "kfp-2.17.0"}',NULL);
CREATE TABLE tasks (
	sequence INTEGER NOT NULL, 
	task_id VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	scope_path VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	state_history JSON NOT NULL, 
	parent_task_id VARCHAR, 
	iteration_index INTEGER, 
	iteration_count INTEGER, 
	create_time DATETIME, 
	start_time DATETIME, 
	end_time DATETIME, 
	error_message TEXT, 
	status_message TEXT, 
	pod_name VARCHAR, 
	log_path VARCHAR, 
	pid INTEGER, 
	cache_fingerprint VARCHAR, 
	input_parameters JSON NOT NULL, 
	input_artifacts JSON NOT NULL, 
	output_parameters JSON NOT NULL, 
	output_artifacts JSON NOT NULL, 
	PRIMARY KEY (sequence), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE, 
	UNIQUE (run_id, scope_path), 
	UNIQUE (task_id)
);
INSERT INTO "tasks" VALUES(1,'45b0c802-86ff-4c32-bc24-b4cf834b5460','88e02d51-4c3a-4cf9-890c-7212d0aea63f','root','adder','root','ROOT','SUCCEEDED','[{"time": "2026-11-21T14:43:10.473574+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.505205+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.976567+00:00", "state": "SUCCEEDED"}]',NULL,NULL,NULL,'2026-11-21 14:43:10.471296','2026-11-21 14:43:10.499826','2026-11-21 14:43:11.975477',NULL,NULL,'root-45b0c802-86ff-4c32-bc24-b4cf834b5460',NULL,NULL,NULL,'{"x": 1, "y": 3, "name": "it''s \u00fcn\u00efcode"}','{}','{"Output": 8}','{}');
INSERT INTO "tasks" VALUES(2,'ea8bf206-d8ec-4b1b-bf18-9d665033a9ea','88e02d51-4c3a-4cf9-890c-7212d0aea63f','add','add','root.add','RUNTIME','SUCCEEDED','[{"time": "2026-11-21T14:43:10.534896+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.608124+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.092388+00:00", "state": "SUCCEEDED"}]','45b0c802-86ff-4c32-bc24-b4cf834b5460',NULL,NULL,'2026-11-21 14:43:10.533723','2026-11-21 14:43:10.606921','2026-11-21 14:43:11.091098',NULL,NULL,'add-ea8bf206-d8ec-4b1b-bf18-9d665033a9ea','@HOME@/runs/88e02d51-4c3a-4cf9-890c-7212d0aea63f/ea8bf206-d8ec-4b1b-bf18-9d665033a9ea/log.txt',12019,'9378eed7aa39c1f4af8547b6438c97bc75ca5ae8fd4ab0f5c207c1d2fa781ecb','{"b": 3, "a": 1}','{}','{"Output": 4}','{}');
INSERT INTO "tasks" VALUES(3,'70e951e4-1189-4137-9de1-a8fa45608e22','88e02d51-4c3a-4cf9-890c-7212d0aea63f','add-2','add-2','root.add-2','RUNTIME','SUCCEEDED','[{"time": "2026-11-21T14:43:10.541797+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:11.419435+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.962735+00:00", "state": "SUCCEEDED"}]','45b0c802-86ff-4c32-bc24-b4cf834b5460',NULL,NULL,'2026-11-21 14:43:10.533753','2026-11-21 14:43:11.414965','2026-11-21 14:43:11.961482',NULL,NULL,'add-2-70e951e4-1189-4137-9de1-a8fa45608e22','@HOME@/runs/88e02d51-4c3a-4cf9-890c-7212d0aea63f/70e951e4-1189-4137-9de1-a8fa45608e22/log.txt',12128,'14924f98a369f60157abe93a199aaef05e3f6e0da7283b9a4507edba61de7559','{"b": 4, "a": 4}','{}','{"Output": 8}','{}');
INSERT INTO "tasks" VALUES(4,'952cb54a-e204-4c21-ae6b-fe769f7b3701','9af045c8-1f67-4683-b568-77c88fe9b568','root','failing','root','ROOT','FAILED','[{"time": "2026-11-21T14:43:10.689842+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.700941+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.443658+00:00", "state": "FAILED", "error": "fail failed."}]',NULL,NULL,NULL,'2026-11-21 14:43:10.688588','2026-11-21 14:43:10.699792','2026-11-21 14:43:11.435267','fail failed.',NULL,'root-952cb54a-e204-4c21-ae6b-fe769f7b3701',NULL,NULL,NULL,'{}','{}','{}','{}');
INSERT INTO "tasks" VALUES(5,'a74d3ec0-2813-47f0-ad8e-80e7e09ba90c','9af045c8-1f67-4683-b568-77c88fe9b568','fail','fail','root.fail','RUNTIME','FAILED','[{"time": "2026-11-21T14:43:10.710269+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.768378+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.385430+00:00", "state": "FAILED", "error": "ValueError: no such luck (exit code 1)"}]','952cb54a-e204-4c21-ae6b-fe769f7b3701',NULL,NULL,'2026-11-21 14:43:10.709032','2026-11-21 14:43:10.766977','2026-11-21 14:43:11.382362','ValueError: no such luck (exit code 1)',NULL,'fail-a74d3ec0-2813-47f0-ad8e-80e7e09ba90c','@HOME@/runs/9af045c8-1f67-4683-b568-77c88fe9b568/a74d3ec0-2813-47f0-ad8e-80e7e09ba90c/log.txt',12043,'461448ac4b35032c7a1fe17c219c4d27a5ca3090a6f39b0c4c20df7b62a54e7e','{}','{}','{}','{}');
INSERT INTO "tasks" VALUES(6,'a5612b72-80cd-4b96-b5b2-388e2ab9cdfe','424f4992-17f1-4d7b-9d9f-7eb2ded5e282','root','modelled','root','ROOT','SUCCEEDED','[{"time": "2026-11-21T14:43:10.903971+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:10.920107+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.734927+00:00", "state": "SUCCEEDED"}]',NULL,NULL,NULL,'2026-11-21 14:43:10.902884','2026-11-21 14:43:10.918946','2026-11-21 14:43:11.725393',NULL,NULL,'root-a5612b72-80cd-4b96-b5b2-388e2ab9cdfe',NULL,NULL,NULL,'{"weights": "w"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(7,'86c72870-1b32-45e1-9b31-052939f2449d','424f4992-17f1-4d7b-9d9f-7eb2ded5e282','model','model','root.model','RUNTIME','SUCCEEDED','[{"time": "2026-11-21T14:43:10.936914+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:11.136486+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:11.689711+00:00", "state": "SUCCEEDED"}]','a5612b72-80cd-4b96-b5b2-388e2ab9cdfe',NULL,NULL,'2026-11-21 14:43:10.935880','2026-11-21 14:43:11.135230','2026-11-21 14:43:11.688405',NULL,NULL,'model-86c72870-1b32-45e1-9b31-052939f2449d','@HOME@/runs/424f4992-17f1-4d7b-9d9f-7eb2ded5e282/86c72870-1b32-45e1-9b31-052939f2449d/log.txt',12091,'a7b4b3ac35201f316589929e071d88a517f7b9ed190fbd831067ff0115d35d01','{"weights": "w"}','{}','{}','{"metrics": ["3e360ad1-981b-4853-aa2e-01c4a94bbc22"], "model": ["82c05228-fccd-4144-82a2-57d293ddd5db"]}');
INSERT INTO "tasks" VALUES(8,'389853d1-c577-4f95-b7ef-4a10c89c62f3','c525bd69-df7a-4084-807d-f268795478aa','root','modelled','root','ROOT','SUCCEEDED','[{"time": "2026-11-21T14:43:12.258169+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.276085+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:12.366161+00:00", "state": "SUCCEEDED"}]',NULL,NULL,NULL,'2026-11-21 14:43:12.256710','2026-11-21 14:43:12.267401','2026-11-21 14:43:12.365048',NULL,NULL,'root-389853d1-c577-4f95-b7ef-4a10c89c62f3',NULL,NULL,NULL,'{"weights": "w"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(9,'5549ce6b-2d47-4897-9e83-1ec5503d9304','c525bd69-df7a-4084-807d-f268795478aa','model','model','root.model','RUNTIME','CACHED','[{"time": "2026-11-21T14:43:12.292038+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.334147+00:00", "state": "CACHED"}]','389853d1-c577-4f95-b7ef-4a10c89c62f3',NULL,NULL,'2026-11-21 14:43:12.290984','2026-11-21 14:43:12.290984','2026-11-21 14:43:12.333628',NULL,'The result of run 424f4992-17f1-4d7b-9d9f-7eb2ded5e282 was used again.','model-5549ce6b-2d47-4897-9e83-1ec5503d9304',NULL,NULL,'a7b4b3ac35201f316589929e071d88a517f7b9ed190fbd831067ff0115d35d01','{"weights": "w"}','{}','{}','{"metrics": ["3e360ad1-981b-4853-aa2e-01c4a94bbc22"], "model": ["82c05228-fccd-4144-82a2-57d293ddd5db"]}');
INSERT INTO "tasks" VALUES(10,'3c31c2ff-c570-4dc3-90fa-1828fadeba06','15962a42-fec0-44a5-b69a-76d2ee719c1c','root','gated','root','ROOT','CANCELED','[{"time": "2026-11-21T14:43:12.603446+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.616416+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:12.953558+00:00", "state": "CANCELED"}]',NULL,NULL,NULL,'2026-11-21 14:43:12.599909','2026-11-21 14:43:12.614727','2026-11-21 14:43:12.952969',NULL,NULL,'root-3c31c2ff-c570-4dc3-90fa-1828fadeba06',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "cancelled"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(11,'f4fd3beb-84ba-4ffc-82b7-f855897de077','15962a42-fec0-44a5-b69a-76d2ee719c1c','gate','gate','root.gate','RUNTIME','CANCELED','[{"time": "2026-11-21T14:43:12.639978+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:12.692273+00:00", "state": "RUNNING"}, {"time": "2026-11-21T14:43:12.961195+00:00", "state": "CANCELED"}]','3c31c2ff-c570-4dc3-90fa-1828fadeba06',NULL,NULL,'2026-11-21 14:43:12.638785','2026-11-21 14:43:12.690916','2026-11-21 14:43:12.960052',NULL,NULL,'gate-f4fd3beb-84ba-4ffc-82b7-f855897de077','@HOME@/runs/15962a42-fec0-44a5-b69a-76d2ee719c1c/f4fd3beb-84ba-4ffc-82b7-f855897de077/log.txt',12321,NULL,'{"folder": "@HOME@/gates", "name": "cancelled"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(12,'fbf0c363-8756-4b21-ba71-4c60c2f40a70','9185b32b-8cd7-47bc-a99e-b282c2691080','root','gated','root','ROOT','RUNNING','[{"time": "2026-11-21T14:43:13.113681+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.132063+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'2026-11-21 14:43:13.112576','2026-11-21 14:43:13.130884',NULL,NULL,NULL,'root-fbf0c363-8756-4b21-ba71-4c60c2f40a70',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "running 0"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(13,'75d1fa6b-c3d0-4d46-88ca-c7fdf73ef0c4','9185b32b-8cd7-47bc-a99e-b282c2691080','gate','gate','root.gate','RUNTIME','RUNNING','[{"time": "2026-11-21T14:43:13.155751+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.214269+00:00", "state": "RUNNING"}]','fbf0c363-8756-4b21-ba71-4c60c2f40a70',NULL,NULL,'2026-11-21 14:43:13.148895','2026-11-21 14:43:13.213065',NULL,NULL,NULL,'gate-75d1fa6b-c3d0-4d46-88ca-c7fdf73ef0c4','@HOME@/runs/9185b32b-8cd7-47bc-a99e-b282c2691080/75d1fa6b-c3d0-4d46-88ca-c7fdf73ef0c4/log.txt',12413,NULL,'{"folder": "@HOME@/gates", "name": "running 0"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(14,'03a4d18a-aa0c-457e-a48c-543b331b40cf','e859a620-3657-4166-a984-47c11ad2721b','root','gated','root','ROOT','RUNNING','[{"time": "2026-11-21T14:43:13.395881+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.414409+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'2026-11-21 14:43:13.394743','2026-11-21 14:43:13.413242',NULL,NULL,NULL,'root-03a4d18a-aa0c-457e-a48c-543b331b40cf',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "running 1"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(15,'b5e8a927-eb06-420f-8a88-6f4c910035e0','e859a620-3657-4166-a984-47c11ad2721b','gate','gate','root.gate','RUNTIME','RUNNING','[{"time": "2026-11-21T14:43:13.435089+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.497763+00:00", "state": "RUNNING"}]','03a4d18a-aa0c-457e-a48c-543b331b40cf',NULL,NULL,'2026-11-21 14:43:13.433683','2026-11-21 14:43:13.496615',NULL,NULL,NULL,'gate-b5e8a927-eb06-420f-8a88-6f4c910035e0','@HOME@/runs/e859a620-3657-4166-a984-47c11ad2721b/b5e8a927-eb06-420f-8a88-6f4c910035e0/log.txt',12474,NULL,'{"folder": "@HOME@/gates", "name": "running 1"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(16,'ecfeb28f-8ae8-4129-8d61-3f0f0d86be6e','7292fbaa-828b-4989-8ddc-a8db965e7b76','root','gated','root','ROOT','RUNNING','[{"time": "2026-11-21T14:43:13.639933+00:00", "state": "PENDING"}, {"time": "2026-11-21T14:43:13.655860+00:00", "state": "RUNNING"}]',NULL,NULL,NULL,'2026-11-21 14:43:13.638821','2026-11-21 14:43:13.654661',NULL,NULL,NULL,'root-ecfeb28f-8ae8-4129-8d61-3f0f0d86be6e',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "waiting"}','{}','{}','{}');
INSERT INTO "tasks" VALUES(17,'a0cbf2d7-41fc-4627-bc19-75c0bd5392bc','7292fbaa-828b-4989-8ddc-a8db965e7b76','gate','gate','root.gate','RUNTIME','PENDING','[{"time": "2026-11-21T14:43:13.670557+00:00", "state": "PENDING"}]','ecfeb28f-8ae8-4129-8d61-3f0f0d86be6e',NULL,NULL,'2026-11-21 14:43:13.669421',NULL,NULL,NULL,'Waiting for a free slot (0 ahead)','gate-a0cbf2d7-41fc-4627-bc19-75c0bd5392bc',NULL,NULL,NULL,'{"folder": "@HOME@/gates", "name": "waiting"}','{}','{}','{}');
CREATE INDEX ix_artifacts_created_at ON artifacts (created_at, id);
CREATE INDEX ix_experiments_created_at ON experiments (created_at, id);
CREATE INDEX ix_pipelines_created_at ON pipelines (created_at, id);
CREATE INDEX ix_pipeline_versions_created_at ON pipeline_versions (pipeline_id, created_at, id);
CREATE INDEX ix_pipeline_versions_spec_digest ON pipeline_versions (spec_digest);
CREATE INDEX ix_runs_created_at ON runs (created_at, id);
CREATE INDEX ix_runs_display_name ON runs (display_name, id);
CREATE INDEX ix_runs_experiment ON runs (experiment_id, created_at, id);
CREATE INDEX ix_runs_spec_digest ON runs (spec_digest);
CREATE INDEX ix_runs_state ON runs (state, created_at, id);
CREATE INDEX ix_runs_storage_state ON runs (storage_state, created_at, id);
CREATE INDEX ix_tasks_cache ON tasks (cache_fingerprint, state, sequence);
CREATE INDEX ix_tasks_pod_name ON tasks (pod_name);
CREATE INDEX ix_tasks_run ON tasks (run_id, sequence);
CREATE INDEX ix_artifact_tasks_artifact_id ON artifact_tasks (artifact_id);
CREATE INDEX ix_artifact_tasks_run_id ON artifact_tasks (run_id);
CREATE INDEX ix_artifact_tasks_task_id ON artifact_tasks (task_id);
COMMIT;
