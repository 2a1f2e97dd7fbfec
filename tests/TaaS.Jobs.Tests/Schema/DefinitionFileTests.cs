namespace TaaS.Jobs.Tests;

/// <summary>Files that lag behind the readers make a cluster refuse what the command line takes, or take what the operator refuses.</summary>
public sealed class DefinitionFileTests
{
    /// <summary>Set, the test writes the files instead of comparing them.</summary>
    private const string UpdateVariable = "TAAS_UPDATE_GOLDEN";

    public static TheoryData<string> Kinds => [.. CustomResourceDefinition.All.Select(definition => definition.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void File_IsWhatTheContractMakes(string kind)
    {
        var definition = CustomResourceDefinition.All.Single(definition => definition.Kind == kind);
        var path = Path.Combine(Folder, $"{definition.Plural}.yaml");
        if (Environment.GetEnvironmentVariable(UpdateVariable) is { Length: > 0 })
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(path, definition.ToYaml());
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == definition.ToYaml(),
            $"{path} is not what the contract makes; write it anew with: {UpdateVariable}=1 dotnet test tests/TaaS.Jobs.Tests --filter {nameof(DefinitionFileTests)}");
    }

    [Fact]
    public void Folder_HoldsNothingElse() =>
        Assert.Equal(
            CustomResourceDefinition.All.Select(definition => $"{definition.Plural}.yaml").Order(),
            Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(name => name != "kustomization.yaml").Order());

    internal static string Folder => Path.Combine(Root, "scheduler", "deploy", "crds");

    internal static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "TaaS.Engine.sln")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
            }

            return folder;
        }
    }
}
