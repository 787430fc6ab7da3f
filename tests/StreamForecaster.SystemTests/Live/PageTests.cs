using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.SystemTests.Live;

[Collection(SystemRun.Name)]
public sealed class PageTests(Browser browser) : IAsyncLifetime
{
    const string Token = "0123456789abcdef";
    readonly LiveServer _server = new(
        new HttpOptions { Listen = "127.0.0.1:0", RefreshEvery = TimeSpan.FromMilliseconds(500) }, new MachineFeed(TimeProvider.System),
        new(() => [], () => []), TimeProvider.System, NullLoggerFactory.Instance);

    public async ValueTask InitializeAsync() => await _server.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(TestContext.Current.CancellationToken);
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("desktop-light", 1440, 900, ColorScheme.Light)]
    [InlineData("desktop-dark", 1440, 900, ColorScheme.Dark)]
    [InlineData("tablet-light", 900, 1100, ColorScheme.Light)]
    public async Task Page_Wide_ShowsListChartAndHealth(string name, int width, int height, ColorScheme scheme)
    {
        Uri chosen = new(_server.Address!, "#" + Uri.EscapeDataString(MachineFeed.WithBurst));
        await using OpenPage open = await browser.OpenAsync(chosen, width, height, scheme);

        await Assertions.Expect(open.Page.Locator(".row")).ToHaveCountAsync(24, Patient);
        await Assertions.Expect(open.Page.Locator("#chart canvas")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        ILocator cpu = Group(open, "cpu"), mem = Group(open, "mem");
        await Assertions.Expect(cpu.Locator("small")).ToContainTextAsync("bands hold 90.3 %, width 1.62, interval score 2.31", new() { Timeout = 60_000 });
        await Assertions.Expect(cpu.Locator(".gate")).ToContainTextAsync("accepted: 8.1 % better than the champion");
        await Assertions.Expect(mem.Locator(".gate")).ToContainTextAsync("refused: 1.3 % worse than last value on recent windows");
        await open.HoldAsync();
        await open.ScreenshotAsync($"page-{name}");
        open.ExpectQuiet();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_Phone_ShowsOneViewAtATime(ColorScheme scheme)
    {
        await using OpenPage open = await browser.OpenAsync(_server.Address!, 390, 844, scheme);
        await Assertions.Expect(open.Page.Locator(".row")).ToHaveCountAsync(24, Patient);
        await open.ScreenshotAsync($"page-phone-{scheme}-list");

        await open.Page.Locator($".row[title='{MachineFeed.WithBurst}']").ClickAsync();
        await Assertions.Expect(open.Page.Locator("#chart canvas")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(open.Page.Locator(".list")).ToBeHiddenAsync();
        await open.ScreenshotAsync($"page-phone-{scheme}-chart");
        await open.Page.Locator(".tabs button", new() { HasText = "Health" }).ClickAsync();
        await Assertions.Expect(open.Page.Locator(".group").First).ToBeVisibleAsync();
        await open.ScreenshotAsync($"page-phone-{scheme}-health");

        Assert.True(await open.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways on a phone");
        open.ExpectQuiet();
    }

    [Fact]
    public async Task Page_Open_UpdatesByItself()
    {
        await using OpenPage open = await browser.OpenAsync(_server.Address!, 1280, 800, ColorScheme.Light);
        ILocator points = open.Page.Locator(".figure dd").First;
        await Assertions.Expect(points).ToBeVisibleAsync(new() { Timeout = 60_000 });

        string first = await open.Page.Locator("#lanes").InnerTextAsync();

        await Assertions.Expect(open.Page.Locator("#lanes")).Not.ToHaveTextAsync(first, new() { Timeout = 60_000 });
        open.ExpectQuiet();
    }

    [Fact]
    public async Task Page_SeriesPicked_Opens()
    {
        await using OpenPage open = await browser.OpenAsync(_server.Address!, 1280, 800, ColorScheme.Light);
        ILocator row = open.Page.Locator(".row[title='disk.used_percent{device=nvme0n1p2,host=edge-07,path=/var/lib/kafka}']");

        await row.ClickAsync(new() { Timeout = 60_000 });

        await Assertions.Expect(open.Page.Locator("#series-name")).ToHaveTextAsync("disk.used_percent");
        await Assertions.Expect(open.Page.Locator("#detail")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Equal("true", await row.GetAttributeAsync("aria-selected"));
        open.ExpectQuiet();
    }

    [Fact]
    public async Task Page_Filter_NarrowsTheList()
    {
        await using OpenPage open = await browser.OpenAsync(_server.Address!, 1280, 800, ColorScheme.Light);

        await open.Page.Locator("#filter").FillAsync("net.");

        await Assertions.Expect(open.Page.Locator(".row")).ToHaveCountAsync(3, Patient);
        open.ExpectQuiet();
    }

    [Fact]
    public async Task Page_WithToken_AsksTheBrowserForIt()
    {
        await using LiveServer guarded = new(
            new() { Listen = "127.0.0.1:0", Token = Token }, new MachineFeed(TimeProvider.System), new(() => [], () => []), TimeProvider.System, NullLoggerFactory.Instance);
        await guarded.StartAsync(TestContext.Current.CancellationToken);
        await using OpenPage open = await browser.OpenAsync(guarded.Address!, 1280, 800, ColorScheme.Light, new() { Username = "ops", Password = Token });

        await Assertions.Expect(open.Page.Locator(".row")).ToHaveCountAsync(24, Patient);
        await guarded.StopAsync(TestContext.Current.CancellationToken);
    }

    static ILocator Group(OpenPage open, string name) => open.Page.Locator(".group", new() { Has = open.Page.GetByText(name, new() { Exact = true }) });

    static LocatorAssertionsToHaveCountOptions Patient => new() { Timeout = 60_000 };
}
