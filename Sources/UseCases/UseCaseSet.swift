package import Passwords
package import Store

/// The database is away; the doors answer that trying again later may succeed.
package typealias Unavailable = StoreUnavailable

/// The database went away in the middle of a commit; the doors answer that nobody knows.
package typealias UnknownOutcome = OutcomeUnknown

/// Every verb, put together once by the composition root: the doors reach the office through it
/// and never see the store.
package struct UseCaseSet: Sendable {
    package let clock: WallClock
    package let addOffice: AddOffice
    package let findOffices: FindOffices
    package let signIn: SignIn
    package let addUser: AddUser
    package let registerConsumer: RegisterConsumer
    package let registerService: RegisterService
    package let registerMeter: RegisterMeter
    package let replaceMeter: ReplaceMeter
    package let showMeters: ShowMeters
    package let acceptReadings: AcceptReadings
    package let live: LiveReadings
    package let directory: MeterDirectory
    package let rollUpDays: RollUpDays
    package let rebuildDays: RebuildDays
    package let reviewExceptions: ReviewExceptions
    package let makePartitions: MakePartitions
    package let showUsage: ShowUsage
    package let importReadings: ImportReadings
    package let publishTariff: PublishTariff
    package let quoteTariff: QuoteTariff
    package let runBilling: RunBilling
    package let approveBills: ApproveBills
    package let writeNotes: WriteNotes
    package let moveOccupant: MoveOccupant
    package let setBilling: SetBilling
    package let setMetering: SetMetering
    package let setForecasting: SetForecasting
    package let runForecasts: RunForecasts
    package let showForecast: ShowForecast
    package let showFeeders: ShowFeeders
    package let showAccuracy: ShowAccuracy
    package let hangService: HangService
    package let correctReading: CorrectReading
    package let editDay: EditDay
    package let showDay: ShowDay
    package let readingRound: ReadingRound
    package let enterReading: EnterReading
    package let decideReading: DecideReading
    package let compareSources: CompareSources
    package let removePhotos: RemovePhotos
    package let showBills: ShowBills
    package let answers: AnswerOnce
    package let brokerCredentials: BrokerCredentials
    package let takeOldMessage: TakeOldMessage
    package let switchOldRelay: SwitchOldRelay
    package let sendOldCommands: SendOldCommands
    package let showGateway: ShowGateway
    package let showOldPage: ShowOldPage

    /// `gatewayPorts`: where old meters get their listeners when the office chooses none.
    package init(
        store: Store,
        work: BlockingWork,
        clock: WallClock,
        gatewayPorts: ClosedRange<Int> = Limits.oldMeterPorts
    ) {
        self.clock = clock
        addOffice = AddOffice(store: store)
        findOffices = FindOffices(store: store)
        signIn = SignIn(store: store, work: work, clock: clock)
        addUser = AddUser(store: store, work: work)
        registerConsumer = RegisterConsumer(store: store)
        registerService = RegisterService(store: store)
        registerMeter = RegisterMeter(
            store: store,
            work: work,
            clock: clock,
            gatewayPorts: gatewayPorts
        )
        replaceMeter = ReplaceMeter(store: store, clock: clock)
        showMeters = ShowMeters(store: store)
        live = LiveReadings(store: store)
        acceptReadings = AcceptReadings(store: store, live: live, clock: clock)
        directory = MeterDirectory(store: store, clock: clock)
        rollUpDays = RollUpDays(store: store, clock: clock)
        rebuildDays = RebuildDays(store: store, clock: clock)
        reviewExceptions = ReviewExceptions(store: store, clock: clock)
        makePartitions = MakePartitions(store: store, clock: clock)
        showUsage = ShowUsage(store: store, clock: clock)
        importReadings = ImportReadings(store: store, clock: clock)
        publishTariff = PublishTariff(store: store)
        quoteTariff = QuoteTariff(store: store)
        runBilling = RunBilling(store: store, clock: clock)
        approveBills = ApproveBills(store: store, clock: clock)
        writeNotes = WriteNotes(store: store, clock: clock)
        moveOccupant = MoveOccupant(store: store, clock: clock)
        setBilling = SetBilling(store: store)
        setMetering = SetMetering(store: store)
        setForecasting = SetForecasting(store: store)
        runForecasts = RunForecasts(store: store, clock: clock)
        showForecast = ShowForecast(store: store, clock: clock)
        showFeeders = ShowFeeders(store: store)
        showAccuracy = ShowAccuracy(store: store)
        hangService = HangService(store: store)
        correctReading = CorrectReading(store: store, clock: clock)
        editDay = EditDay(store: store, clock: clock)
        showDay = ShowDay(store: store, clock: clock)
        readingRound = ReadingRound(store: store, clock: clock)
        enterReading = EnterReading(store: store, clock: clock)
        decideReading = DecideReading(store: store, clock: clock)
        compareSources = CompareSources(store: store)
        removePhotos = RemovePhotos(store: store, clock: clock)
        showBills = ShowBills(store: store)
        answers = AnswerOnce(store: store)
        brokerCredentials = BrokerCredentials(store: store)
        takeOldMessage = TakeOldMessage(store: store, live: live)
        switchOldRelay = SwitchOldRelay(store: store, clock: clock)
        sendOldCommands = SendOldCommands(store: store, clock: clock)
        showGateway = ShowGateway(store: store)
        showOldPage = ShowOldPage(store: store, clock: clock)
    }

    /// The verbs of the archive whose files lie in this folder.
    package func archive(in folder: String) -> ArchiveMonths {
        ArchiveMonths(store: makePartitions.store, clock: clock, folder: folder)
    }
}
