using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TaaS.EndToEnd.Tests.Programs;

/// <summary>What <c>./taas pack</c> makes: a user who references a package gets all that belongs to it and nothing else.</summary>
[Trait("Category", "process")]
[Collection(Checkout.Collection)]
public sealed partial class PackageTests
{
    private static readonly string Version = XDocument.Load(Path.Combine(Checkout.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>Package by package, what it depends on.</summary>
    private static readonly Dictionary<string, string[]> Dependencies = new()
    {
        ["TaaS.Kernels"] = ["ILGPU", "ILGPU.Algorithms"],
        ["TaaS.Engine"] = ["StbImageSharp", "TaaS.Kernels"],
        ["TaaS.Jobs"] = ["YamlDotNet"],
        ["TaaS.Runtime"] =
        [
            "Google.Protobuf", "Microsoft.Extensions.Http", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.ObjectPool", "System.IO.Hashing",
            "TaaS.Engine", "TaaS.Jobs", "TaaS.Kernels", "prometheus-net",
        ],
    };

    public static TheoryData<string> Packages => [.. Dependencies.Keys];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_HoldsItsLibraryDocsAndReadmeOnly(string id)
    {
        using var package = Open(id, "nupkg");
        Assert.Equal(["README.md", $"{id}.nuspec", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], Content(package).Order(StringComparer.Ordinal));
        Assert.StartsWith($"# {id}\n", Read(package, "README.md"), StringComparison.Ordinal);
        Assert.Contains("<member name=\"T:TaaS.", Read(package, $"lib/net10.0/{id}.xml"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_SaysWhatItNeedsAndWhereItIsFrom(string id)
    {
        using var package = Open(id, "nupkg");
        var metadata = XDocument.Parse(Read(package, $"{id}.nuspec")).Root!.Elements().Single();
        Assert.Equal(
            Dependencies[id],
            metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.All(
            metadata.Descendants().Where(element => element.Attribute("id")?.Value.StartsWith("TaaS.", StringComparison.Ordinal) == true),
            dependency => Assert.Equal(Version, dependency.Attribute("version")!.Value));
        Assert.Equal((id, Version, "Apache-2.0", "README.md"), (Value("id"), Value("version"), Value("license"), Value("readme")));
        Assert.NotEqual("", Value("description"));
        var repository = metadata.Elements().Single(element => element.Name.LocalName == "repository");
        Assert.Equal("git", repository.Attribute("type")!.Value);
        Assert.Matches("^[0-9a-f]{40}$", repository.Attribute("commit")!.Value);

        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Symbols_AreThereAndNameNoFolderOfTheMachine(string id)
    {
        using var package = Open(id, "nupkg");
        using var symbols = Open(id, "snupkg");
        Assert.Equal([$"{id}.nuspec", $"lib/net10.0/{id}.pdb"], Content(symbols).Order(StringComparer.Ordinal));
        foreach (var content in new[] { Read(symbols, $"lib/net10.0/{id}.pdb"), Read(package, $"lib/net10.0/{id}.dll") })
        {
            Assert.DoesNotContain(Checkout.Root, content, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("custom-worker/CustomWorker.csproj", "<PackageReference Include=\"TaaS.Runtime\" Version=\"{0}\" />")]
    [InlineData("single-file/train.cs", "#:package TaaS.Runtime@{0}\n")]
    public void Examples_AskForThisVersion(string file, string reference) =>
        Assert.Contains(string.Format(CultureInfo.InvariantCulture, reference, Version), File.ReadAllText(Checkout.Example(file)), StringComparison.Ordinal);

    /// <summary>The first program of each readme, by a user who has the packages alone.</summary>
    [Theory]
    [InlineData("kernels/TaaS.Kernels", "^3072\n$")]
    [InlineData("engine/TaaS.Engine", "(step \\d+: loss \\d\\.\\d+\n){5}")]
    [InlineData("scheduler/TaaS.Jobs", "^first: 5 epochs, 2 workers\n")]
    [InlineData("runtime/TaaS.Runtime", "trains 'flowers' by TaaS.Engine ")]
    public async Task Readme_FirstProgram_Runs(string folder, string output)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, folder, "README.md"));
        using var place = new ProgramPlace();
        place.Write("nuget.config", $"""<configuration><packageSources><add key="taas" value="{Checkout.Packages}" /></packageSources></configuration>""");
        place.Write("first.cs", $"#:package {Path.GetFileName(folder)}@{Version}\n#:property PublishAot=false\n{FirstProgram().Match(readme).Groups[1].Value}");

        using var command = TaasCommand.StartProgram(place.Folder, ["dotnet", "run", "first.cs", "--", "--help"], ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"));

        var run = await command.WaitAsync(TaasCommand.TimeLimit);
        run.AssertSucceeded();
        Assert.Matches(output, run.Output);
    }

    private static ZipArchive Open(string id, string extension) => ZipFile.OpenRead(Path.Combine(Checkout.Packages, $"{id}.{Version}.{extension}"));

    /// <summary>All but what every package has for its own format.</summary>
    private static IEnumerable<string> Content(ZipArchive package) =>
        package.Entries.Select(entry => entry.FullName).Where(name => name is not ("[Content_Types].xml" or "_rels/.rels") && !name.StartsWith("package/", StringComparison.Ordinal));

    private static string Read(ZipArchive package, string name)
    {
        using var reader = new StreamReader(package.GetEntry(name)!.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstProgram();
}
