"""TrainJobs and JobSets of Kubeflow Trainer on this machine."""
