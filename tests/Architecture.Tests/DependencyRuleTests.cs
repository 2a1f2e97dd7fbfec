using System.Xml.Linq;

namespace TaaS.Architecture.Tests;

/// <summary>Who may know whom. A wrong reference, once in, is never taken out again.</summary>
public sealed class DependencyRuleTests
{
    /// <summary>Project by project, all that it may refer to. A test project may refer to what its product project may, and to that project.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["TaaS.Kernels"] = [],
        ["TaaS.Engine"] = ["TaaS.Kernels"],
        ["TaaS.Jobs"] = [],
        ["TaaS.Scheduling"] = ["TaaS.Jobs"],
        ["TaaS.Kubernetes"] = ["TaaS.Jobs", "TaaS.Scheduling"],
        ["TaaS.Operator"] = ["TaaS.Jobs", "TaaS.Scheduling", "TaaS.Kubernetes"],
        ["TaaS.Runtime"] = ["TaaS.Kernels", "TaaS.Engine", "TaaS.Jobs"],
        ["TaaS.Serving"] = ["TaaS.Kernels", "TaaS.Engine", "TaaS.Jobs", "TaaS.Runtime"],
        ["TaaS.Cli"] = ["TaaS.Kernels", "TaaS.Engine", "TaaS.Jobs", "TaaS.Runtime", "TaaS.Serving", "TaaS.Scheduling", "TaaS.Kubernetes"],
        ["TaaS.Benchmarks.Operations"] = ["TaaS.Kernels", "TaaS.Engine", "TaaS.Runtime"],
        ["TaaS.Benchmarks"] = ["TaaS.Kernels", "TaaS.Benchmarks.Operations"],
        ["TaaS.Benchmarks.Distributed"] = ["TaaS.Kernels", "TaaS.Engine", "TaaS.Runtime", "TaaS.Benchmarks.Operations"],
        ["TaaS.Benchmarks.Binding"] = ["TaaS.Jobs", "TaaS.Kubernetes"],
        ["TaaS.Benchmarks.Scheduling"] = ["TaaS.Jobs", "TaaS.Kubernetes", "TaaS.Scheduling"],
        ["TaaS.Benchmarks.Gpu"] = ["TaaS.Kernels", "TaaS.Benchmarks.Operations"],
        ["EndToEnd.Tests"] = ["TaaS.Cli", "TaaS.Operator", "TaaS.Jobs", "TaaS.Scheduling", "TaaS.Kubernetes"],
        ["Architecture.Tests"] = [],
        ["Containers.Tests"] = [],
    };

    private static readonly string Root = FindRoot();

    public static TheoryData<string> Projects => [.. ProjectFiles().Select(path => Path.GetRelativePath(Root, path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_RefersOnlyToWhatItMay(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var allowed = Allowed.TryGetValue(name, out var own) ? own
            : name.EndsWith(".Tests", StringComparison.Ordinal) && Allowed.TryGetValue(name[..^6], out var tested) ? [.. tested, name[..^6]]
            : throw new InvalidOperationException($"{project}: a new project; add it to the table with what it may refer to");
        Assert.All(References(project, "ProjectReference").Select(include => Path.GetFileNameWithoutExtension(include)), reference =>
            Assert.True(allowed.Contains(reference), $"{name} must not refer to {reference}"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_LeavesVersionsToTheCentralFile(string project) =>
        Assert.All(Load(project).Descendants("PackageReference"), reference =>
            Assert.True(reference.Attribute("Version") is null && reference.Attribute("VersionOverride") is null, $"{project}: {reference}"));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsInTheSolution(string project) =>
        Assert.Contains(project.Replace('/', '\\'), File.ReadAllText(Path.Combine(Root, "TaaS.Engine.sln")), StringComparison.Ordinal);

    [Fact]
    public void CentralVersions_AreExact() =>
        Assert.All(Load("Directory.Packages.props").Descendants("PackageVersion"), package =>
            Assert.Matches(@"^\d+\.\d+\.\d+(\.\d+)?$", package.Attribute("Version")!.Value));

    [Theory]
    [InlineData("kernels/TaaS.Kernels/TaaS.Kernels.csproj")]
    [InlineData("engine/TaaS.Engine/TaaS.Engine.csproj")]
    [InlineData("scheduler/TaaS.Jobs/TaaS.Jobs.csproj")]
    [InlineData("runtime/TaaS.Runtime/TaaS.Runtime.csproj")]
    public void Grpc_IsAPeerInTheBenchmarks_AndNoPartOfTraining(string project) =>
        // Grpc.Tools holds the protobuf compiler, which makes TensorBoard's messages at build time.
        Assert.DoesNotContain(References(project, "PackageReference"), package => package.StartsWith("Grpc", StringComparison.Ordinal) && package != "Grpc.Tools");

    [Fact]
    public void Kernels_NeedNoPackageToRun() =>
        Assert.DoesNotContain(References("kernels/TaaS.Kernels/TaaS.Kernels.csproj", "PackageReference"), package => !package.StartsWith("ILGPU", StringComparison.Ordinal));

    private static IEnumerable<string> References(string project, string kind) =>
        Load(project).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);

    private static XDocument Load(string file) => XDocument.Load(Path.Combine(Root, file));

    private static IEnumerable<string> ProjectFiles() =>
        new[] { "kernels", "engine", "runtime", "scheduler", "benchmarks", "tests" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories))
            // The examples' programs stand by themselves, as a user's own do.
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/runtime/examples/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "TaaS.Engine.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder;
    }
}
