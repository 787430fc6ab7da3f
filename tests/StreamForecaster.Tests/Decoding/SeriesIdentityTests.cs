using System.Text;
using FsCheck;
using FsCheck.Fluent;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class SeriesIdentityTests
{
    static readonly Config Seeded = Config.QuickThrowOnFailure.WithReplay(20260131, 7).WithMaxTest(1_000);

    [Fact]
    public void Parse_OfAKey_GivesItsParts()
    {
        var identity = SeriesIdentity.Parse(@"a\,b\ c=d,cpu=cpu0,host=x\=y usage\ idle"u8);
        Assert.Equal(("a,b c=d", "usage idle"), (identity.Name, identity.Field));
        Assert.Equal([new("cpu", "cpu0"), new("host", "x=y")], identity.Tags);
        Assert.Equal("a,b c=d.usage idle{cpu=cpu0,host=x=y}", identity.Display);
        Assert.Equal("x=y", identity.Tag("host"));
        Assert.Null(identity.Tag("h"));
    }

    [Fact]
    public void Display_WithoutTags_HasNoBraces() => Assert.Equal("up.value", SeriesIdentity.Parse("up value"u8).Display);

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("name ")]
    [InlineData(" field")]
    [InlineData("name,tag field")]
    [InlineData("name,tag=v")]
    public void Parse_OfSomethingElse_Throws(string key) =>
        Assert.Throws<FormatException>(() => SeriesIdentity.Parse(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Key_OfAnyParts_ReadsBackAndIsCanonical() => Prop.ForAll(
        ArbMap.Default.ArbFor<(NonEmptyString Name, (NonEmptyString Key, string? Value)[] Tags, NonEmptyString Field)>(),
        parts =>
        {
            var tags = parts.Tags.Select(t => KeyValuePair.Create(t.Key.Get, t.Value ?? "")).ToList();
            byte[] key = SeriesIdentity.Key(parts.Name.Get, tags, parts.Field.Get);
            var identity = SeriesIdentity.Parse(key);
            byte[] again = SeriesIdentity.Key(identity.Name, identity.Tags.Reverse(), identity.Field);
            Assert.Equal(key, again);
            Assert.DoesNotContain(key, b => b < ' ');
            string expected = Sound(parts.Name.Get);
            Assert.Equal(expected, identity.Name);
        }).Check(Seeded);

    [Fact]
    public void Key_ThroughLineProtocol_IsTheSame() => Prop.ForAll(
        ArbMap.Default.ArbFor<(NonEmptyString Name, (NonEmptyString Key, NonEmptyString Value)[] Tags, NonEmptyString Field, NormalFloat Value)>(),
        parts =>
        {
            byte[] key = SeriesIdentity.Key(
                "n" + parts.Name.Get,
                parts.Tags.Select(t => KeyValuePair.Create(t.Key.Get, t.Value.Get)),
                parts.Field.Get);
            var line = FormattableString.Invariant($"{Encoding.UTF8.GetString(key)}={parts.Value.Get} 1458229140000000000");
            PointBatch points = Decoded.Run(DecodeFormat.LineProtocol, line);
            Assert.Empty(points.Errors());
            Assert.Equal(key, points.Key(0));
            Assert.Equal(parts.Value.Get, points.Value(0));
        }).Check(Seeded);

    // What the escaping keeps: everything but control characters, backslashes that would escape, and unpaired surrogates.
    static string Sound(string text)
    {
        var plain = new StringBuilder(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        for (int i = plain.Length - 1; i >= 0; i--)
        {
            bool escapes = plain[i] == '\\' && (i + 1 == plain.Length || plain[i + 1] is ',' or '=' or ' ' || (plain[i + 1] == '/' && text[i + 1] == '\\'));
            plain[i] = plain[i] is < ' ' or '\x7f' ? '_' : escapes ? '/' : plain[i];
        }

        return plain.ToString();
    }
}
