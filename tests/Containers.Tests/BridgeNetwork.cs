namespace TaaS.Containers.Tests;

/// <summary>A bridge of its own: every role in a network namespace with its own address, and known to the others by name.</summary>
internal sealed class BridgeNetwork : IContainerNetwork
{
    private const int Port = 2222;
    private static readonly string[] Roles = ["ps-0", "worker-0", "worker-1"];

    private readonly Podman _podman;
    private readonly string _name;
    private readonly string _prefix;

    private BridgeNetwork(Podman podman, string name, string prefix) => (_podman, _name, _prefix) = (podman, name, prefix);

    /// <summary>Makes the network and tries it; skips the test where the machine refuses it.</summary>
    public static async Task<BridgeNetwork> CreateAsync(Podman podman)
    {
        var name = $"taas-test-{Guid.NewGuid():N}"[..18];
        var made = await podman.RunAsync("network", "create", name);
        Skip.If(made.ExitCode != 0, $"this machine lets no bridge be made: {made.Errors.Trim()}");
        var subnet = await podman.DoAsync("network", "inspect", "--format", "{{range .Subnets}}{{.Subnet}}{{end}}", name);
        var network = new BridgeNetwork(podman, name, subnet[..(subnet.LastIndexOf('.') + 1)]);
        var probe = await podman.RunOnceAsync([.. network.Flags("ps-0"), ContainerHost.Image, "--version"]);
        if (probe.ExitCode != 0)
        {
            await network.DisposeAsync();
            Skip.If(true, $"this machine lets no container join a bridge: {probe.Errors.Trim()}");
        }

        return network;
    }

    public IEnumerable<string> Flags(string role) =>
        ["--network", _name, "--ip", Ip(role), "--hostname", role, .. Roles.Where(other => other != role).SelectMany(other => new[] { "--add-host", $"{other}:{Ip(other)}" })];

    public string Address(string role) => $"{role}:{Port}";

    public async ValueTask DisposeAsync() => await _podman.RunAsync("network", "rm", "--force", _name);

    private string Ip(string role) => $"{_prefix}{10 + Array.IndexOf(Roles, role)}";
}
