namespace TaaS.Jobs;

/// <summary>
/// What must hold between fields, for API servers to check: the part of <see cref="JobRules"/> and of the readers' rules that the language can say.
/// They stand where their fields are, so that a message comes with its path.
/// </summary>
internal static class CelRules
{
    private const string Mode = "(has(self.update) && has(self.update.mode) ? self.update.mode : (self.strategy == 'ring' ? 'sync' : 'async'))";
    private const string Servers = "(has(self.replicas.ps) ? self.replicas.ps.count : 0)";

    public static IReadOnlyDictionary<string, CelRule[]> TrainingJob { get; } = new Dictionary<string, CelRule[]>
    {
        [""] =
        [
            new("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", "metadata.name: expected lower-case letters, digits and '-', the first a letter: it names a Service too"),
            PodName(Role.Worker, "has(self.spec.replicas.worker.max) ? self.spec.replicas.worker.max : self.spec.replicas.worker.count"),
            PodName(Role.ParameterServer, "self.spec.replicas.ps.count"),
            PodName(Role.Evaluator, "self.spec.replicas.evaluator.count"),
        ],
        ["spec"] =
        [
            new("!has(self.image) || !has(self.program.image)", "image: goes with program.example and program.path only; program.image names its own"),
            new("!has(self.program.example) || (has(self.data) && has(self.data.path))", $"data.path: is missing, expected {JobRules.DataFolder}, which program.example reads"),
            new($"!has(self.update) || !has(self.update.staleness) || {Mode} != 'sync' || self.update.staleness == 0", "update.staleness: expected 0 (or nothing) with mode sync"),
            new($"!has(self.update) || !has(self.update.staleness) || {Mode} != 'ssp' || self.update.staleness >= 1", "update.staleness: expected at least 1 with mode ssp"),
            new($"!has(self.update) || !has(self.update.staleness) || {Mode} != 'async' || self.update.staleness != 0", "update.staleness: expected -1 (no bound) or at least 1 with mode async; for 0 use mode sync"),
            new($"!has(self.update) || self.update.backupWorkers == 0 || {Mode} == 'sync'", "update.backupWorkers: goes with mode sync only: in the others no worker waits for all"),
            new("!has(self.update) || self.update.backupWorkers == 0 || self.update.backupWorkers < self.replicas.worker.count", "update.backupWorkers: expected fewer than the workers"),
            new("self.precision == 'f32' || self.device != 'cpu'", "precision: the device cpu computes in f32 only; name a GPU in spec.device, such as cuda:0"),
            new($"self.strategy != 'parameterServer' || self.replicas.worker.count == 1 || {Servers} > 0", "replicas.ps.count: several workers need at least 1 server, or strategy ring"),
            new($"self.strategy != 'ring' || {Servers} == 0", "replicas.ps.count: strategy ring has no servers; leave ps out or set 0"),
            new($"self.strategy != 'ring' || {Mode} == 'sync'", "update.mode: strategy ring keeps all workers in step; expected sync (or nothing)"),
            new("self.strategy != 'ring' || !has(self.update) || self.update.backupWorkers == 0", "update.backupWorkers: strategy ring needs every worker in every step; expected 0"),
            new("self.strategy != 'ring' || !has(self.update) || self.update.compression == 'none'", "update.compression: strategy ring sends plain f32; expected none"),
            new(
                "self.strategy != 'ring' || ((!has(self.replicas.worker.min) || self.replicas.worker.min == self.replicas.worker.count) && (!has(self.replicas.worker.max) || self.replicas.worker.max == self.replicas.worker.count))",
                "replicas.worker: strategy ring has the same workers from start to end; leave out min and max"),
            new("!has(self.replicas.worker.min) || self.replicas.worker.min <= self.replicas.worker.count", "replicas.worker.min: expected at most the count"),
            new("!has(self.replicas.worker.max) || self.replicas.worker.max >= self.replicas.worker.count", "replicas.worker.max: expected at least the count"),
        ],
        ["spec.program"] =
        [
            OneOf("example", "image", "path"),
            new("!has(self.command) || size(self.command) == 0 || has(self.image)", "command: goes with image only"),
        ],
        ["spec.update"] = [new("self.compression == 'topk' || self.topkRatio == 0.01", "topkRatio: goes with compression topk only")],
        ["spec.optimizer"] =
        [
            new("!self.nesterov || self.momentum > 0.0", "nesterov: needs a momentum above 0"),
            new("self.name == 'sgd' || self.momentum == 0.0", "momentum: goes with sgd only"),
        ],
        ["spec.data"] = [Mounted],
        ["spec.data.volume"] = [OneOf("claim", "hostPath", "nfs", "emptyDir")],
        ["spec.output"] = [Mounted],
        ["spec.output.volume"] = [OneOf("claim", "hostPath", "nfs", "emptyDir")],
        ["spec.replicas.ROLE.resources"] = [WholeDevices],
        ["spec.replicas.ROLE.tolerations[]"] =
        [
            new("(has(self.key) && size(self.key) > 0) || self.operator == 'Exists'", "key: is empty; only operator Exists goes with any key"),
            new("self.operator != 'Exists' || !has(self.value) || size(self.value) == 0", "value: goes with operator Equal only"),
            new("!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')", "tolerationSeconds: goes with effect NoExecute only"),
        ],
        ["spec.replicas.ROLE.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchExpressions[]"] = Requirement,
        ["spec.replicas.ROLE.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchFields[]"] = Requirement,
        ["spec.replicas.ROLE.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference.matchExpressions[]"] = Requirement,
        ["spec.replicas.ROLE.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference.matchFields[]"] = Requirement,
    };

    public static IReadOnlyDictionary<string, CelRule[]> Queue { get; } = new Dictionary<string, CelRule[]>
    {
        [""] = [Label],
        ["spec"] =
        [
            new(
                "has(self.cohort) || self.quotas.all(quota, quota.resources.all(name, !has(quota.resources[name].borrowingLimit) && !has(quota.resources[name].lendingLimit)))",
                "quotas: a borrowingLimit or lendingLimit goes with a cohort only: a queue that stands alone neither borrows nor lends"),
            new("!has(self.allowedUsers) || self.allowedUsers.all(user, user != 'group:' && user != 'namespace:')", "allowedUsers: expected a name after group: or namespace:"),
        ],
    };

    public static IReadOnlyDictionary<string, CelRule[]> ResourceFlavor { get; } = new Dictionary<string, CelRule[]>
    {
        [""] = [Label],
        ["spec.resources"] = [WholeDevices],
    };

    private static CelRule Label => new("self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')", "metadata.name: expected lower-case letters, digits and '-', at most 63");

    private static CelRule Mounted => new("!has(self.volume) || (has(self.path) && self.path.startsWith('/') && !self.path.contains(':'))", "path: expected a path that begins with /, where the volume is mounted");

    private static CelRule WholeDevices => new(
        "self.all(name, !name.contains('/') || type(self[name]) == int || self[name].matches('^[0-9]+$'))",
        "expected a whole number of devices");

    private static CelRule[] Requirement =>
    [
        new("!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)", "values: expected at least one value with operator In or NotIn"),
        new("!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || size(self.values) == 0", "values: expected no values with operator Exists or DoesNotExist"),
        new("!(self.operator in ['Gt', 'Lt']) || (has(self.values) && size(self.values) == 1 && self.values[0].matches('^[0-9]{1,18}$'))", "values: expected one whole number with operator Gt or Lt"),
    ];

    private static CelRule PodName(string role, string count) => new(
        $"!has(self.spec.replicas.{role}) || size(self.metadata.name) + {role.Length + 2} + size(string(({count}) - 1)) <= {PodNames.MaxLength}",
        $"metadata.name: with -{role}- and a number after it, it makes a pod's name, of which at most {PodNames.MaxLength} characters may be; shorten it");

    private static CelRule OneOf(params string[] fields) => new(
        $"[{string.Join(", ", fields.Select(static field => $"has(self.{field})"))}].filter(isThere, isThere).size() == 1",
        $"expected exactly one of {string.Join(", ", fields)}");
}
