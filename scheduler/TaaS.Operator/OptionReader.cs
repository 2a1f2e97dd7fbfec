using System.Globalization;

namespace TaaS.Operator;

/// <summary>Reads options from the command line, and those that are not there from the environment.</summary>
internal static class OptionReader
{
    private const string Prefix = "TAAS_OPERATOR_";

    private static readonly Entry[] Entries =
    [
        new("kubeconfig", "FILE", "kubeconfig to use; default: KUBECONFIG, the pod's own account, ~/.kube/config", static (o, v) => o with { Kubeconfig = v }),
        new("namespace", "NAME", "look after the jobs of one namespace only; default: all", static (o, v) => o with { Namespace = v == "all" ? null : v }),
        new("own-namespace", "NAME", "namespace of the lease and of the webhook's secret; default: the pod's or the context's", static (o, v) => o with { OwnNamespace = v }),
        new("metrics-port", "PORT", "port of /metrics, /healthz and /readyz, 0 for none; default 8080", static (o, v) => o with { MetricsPort = Port("metrics-port", v) }),
        new("webhook-port", "PORT", "port of the admission webhook (HTTPS), 0 for none; default 0", static (o, v) => o with { WebhookPort = Port("webhook-port", v) }),
        new("webhook-service", "NAME", "Service in front of the webhook; default taas-operator-webhook", static (o, v) => o with { WebhookService = v }),
        new("webhook-configuration", "NAME", "webhook configurations to write the certificate's authority into; default taas-operator", static (o, v) => o with { WebhookConfiguration = v }),
        new("role-image", "IMAGE", "image of roles where a job names none; default taas:latest", static (o, v) => o with { RoleImage = v }),
        new("image-pull-policy", "POLICY", "Always, IfNotPresent or Never; default: the cluster's", static (o, v) => o with { ImagePullPolicy = OneOf("image-pull-policy", v, "Always", "IfNotPresent", "Never") }),
        new("starter", "FOLDER", "queues and flavors (*.yaml) to make where the cluster has no queue yet; default: none", static (o, v) => o with { Starter = v }),
        new("leader-elect", "true|false", "act only while holding the lease taas-operator; default true", static (o, v) => o with { LeaderElection = Boolean("leader-elect", v) }),
        new("identity", "NAME", "name of this replica in the lease; default: host name and a random part", static (o, v) => o with { Identity = v }),
        new("workers", "COUNT", "jobs worked on at a time; default 64", static (o, v) => o with { Workers = Number("workers", v, 1, 1024) }),
        new("pass-interval", "SECONDS", "a scheduling pass runs at least so often; default 10", static (o, v) => o with { PassInterval = TimeSpan.FromSeconds(Number("pass-interval", v, 1, 3600)) }),
        new("node-grace", "SECONDS", "a node that has not been ready for so long is lost; default 60", static (o, v) => o with { NodeGrace = TimeSpan.FromSeconds(Number("node-grace", v, 1, 86400)) }),
    ];

    /// <summary>Text of <c>--help</c>.</summary>
    public static string Help { get; } = string.Join('\n', [
        "taas-operator: plans, binds and looks after training jobs on Kubernetes.",
        "",
        "Usage: taas-operator [OPTION]...",
        "",
        .. Entries.Select(static entry => $"  {$"--{entry.Name} {entry.Value}",-32} {entry.Help}"),
        $"  {"--verbose",-32} errors come with their stacks",
        $"  {"--version",-32} show the version",
        $"  {"--help",-32} show this",
        "",
        $"Each can be set by the environment as well: --role-image by {Prefix}ROLE_IMAGE, and so on. Exit codes: 0 stopped, 1 failed, 2 wrong options.",
    ]);

    /// <summary>Reads both.</summary>
    /// <exception cref="OptionException">An option that does not exist, lacks its value, or has a wrong one.</exception>
    public static OperatorOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var options = new OperatorOptions();
        foreach (var entry in Entries)
        {
            if (environment(Prefix + entry.Name.Replace('-', '_').ToUpperInvariant()) is { Length: > 0 } value)
            {
                options = entry.Apply(options, value);
            }
        }

        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at] == "--verbose")
            {
                options = options with { Verbose = true };
                continue;
            }

            var (name, value) = arguments[at].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[at], null);
            var entry = Array.Find(Entries, entry => name == $"--{entry.Name}") ?? throw new OptionException($"'{name}' is no option here; --help lists them");
            value ??= ++at < arguments.Count ? arguments[at] : throw new OptionException($"--{entry.Name} needs a value: {entry.Value}");
            options = entry.Apply(options, value);
        }

        return options;
    }

    private static int Port(string name, string value) => Number(name, value, 0, 65535);

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new OptionException($"--{name}: expected a whole number from {least} to {most}, got '{value}'");

    private static bool Boolean(string name, string value) => OneOf(name, value, "true", "false") == "true";

    private static string OneOf(string name, string value, params string[] choices) =>
        choices.Contains(value) ? value : throw new OptionException($"--{name}: expected one of {string.Join(", ", choices)}, got '{value}'");

    private sealed record Entry(string Name, string Value, string Help, Func<OperatorOptions, string, OperatorOptions> Apply);
}

/// <summary>The command line is wrong; the message says where.</summary>
internal sealed class OptionException(string message) : Exception(message);
