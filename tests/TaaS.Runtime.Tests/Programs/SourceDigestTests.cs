using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Programs;

/// <summary>A program that changed must be built again; one that did not must not cost a build.</summary>
public sealed class SourceDigestTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("taas-digest-").FullName;

    public SourceDigestTests()
    {
        Write("work/program/My.csproj", "<Project />");
        Write("work/program/Program.cs", "return 0;");
        Write("packages/TaaS.Runtime.0.1.0.nupkg", "a package");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("work/program/Program.cs", "return 1;")]
    [InlineData("work/program/My.csproj", "<Project></Project>")]
    [InlineData("work/program/deeper/More.cs", "// new")]
    [InlineData("work/program/large.bin", null)]
    [InlineData("work/Directory.Build.props", "<Project />")]
    [InlineData("packages/TaaS.Runtime.0.1.0.nupkg", "a newer package")]
    public void Of_SomethingABuildReadsChanged_IsAnother(string file, string? content)
    {
        var before = Digest();
        Write(file, content ?? new string('x', 2 << 20));
        var after = Digest();
        Assert.NotNull(before);
        Assert.NotNull(after);
        Assert.NotEqual(before, after);
    }

    [Theory]
    [InlineData("work/program/Program.cs", true)]
    [InlineData("work/program/Directory.Build.props", true)]
    [InlineData("work/Directory.Build.props", true)]
    [InlineData("work/program/More.cs", false)]
    public void Of_ASingleFile_FollowsItAndTheSettingsAboveIt(string file, bool isAnother)
    {
        var before = Digest("Program.cs");
        Write(file, "changed");
        Assert.Equal(isAnother, before != Digest("Program.cs"));
    }

    [Theory]
    [InlineData("work/program/bin/Release/My.dll")]
    [InlineData("work/program/obj/project.assets.json")]
    [InlineData("work/program/runs/mine/metrics.jsonl")]
    [InlineData("work/program/.git/HEAD")]
    [InlineData("work/other/Other.cs")]
    public void Of_WhatNoBuildReadsChanged_IsTheSame(string file)
    {
        var before = Digest();
        Write(file, "changed");
        Assert.Equal(before, Digest());
    }

    [Theory]
    [InlineData("work/program/My.csproj", "<Project><ItemGroup><ProjectReference Include=\"../library/Library.csproj\" /></ItemGroup></Project>")]
    [InlineData("work/program/More.cs", "// a comment\n#:project ../library\nreturn 0;")]
    public void Of_SourcesOutsideTheFolder_IsLeftToTheBuild(string file, string content)
    {
        Write(file, content);
        Assert.Null(Digest());
    }

    private string? Digest(string file = "") => SourceDigest.Of(ProgramSource.Find(Path.Combine(_root, "work", "program", file)), Path.Combine(_root, "packages"));

    private void Write(string file, string content)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
