// 1177 as gSOAP has it from the national WSDLs: `gsoap_1177 URL OPERATION UNIT ACTOR name=value ...`.
//
// One call. What is answered is printed, a line for each field (name, tab, value), and `--` after each timeslot or
// entry. Exit status: 0 answered, 1 a fault or an answer that gSOAP does not take, 2 no such operation.
// Built by gsoap.py from what wsdl2h and soapcpp2 make.
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "soapCancelBookingResponderBindingProxy.h"
#include "soapGetAllCareTypesResponderBindingProxy.h"
#include "soapGetAllHealthcareFacilitiesResponderBindingProxy.h"
#include "soapGetAllPerformersResponderBindingProxy.h"
#include "soapGetAllTimeTypesResponderBindingProxy.h"
#include "soapGetAvailableDatesResponderBindingProxy.h"
#include "soapGetAvailableTimeslotsResponderBindingProxy.h"
#include "soapGetBookingDetailsResponderBindingProxy.h"
#include "soapGetSubjectOfCareScheduleResponderBindingProxy.h"
#include "soapMakeBookingResponderBindingProxy.h"
#include "soapUpdateBookingResponderBindingProxy.h"
#include "MakeBookingResponderBinding.nsmap"

static std::map<std::string, std::string> given;
static std::string url, unit;
static headers__ActorType actor;

static std::string *field(const char *name) {
  auto found = given.find(name);
  return found == given.end() ? nullptr : &found->second;
}

static std::string needed(const char *name) { return given[name]; }

static std::vector<std::string> many(const char *name) {
  std::vector<std::string> found;
  std::istringstream parts(given[name]);
  for (std::string part; std::getline(parts, part, ',');) found.push_back(part);
  return found;
}

static void print(const char *name, const std::string &value) {
  std::string line;
  for (char c : value) line += c == '\n' ? std::string("\\n") : std::string(1, c);
  std::cout << name << '\t' << line << '\n';
}

static void print(const char *name, const std::string *value) {
  if (value) print(name, *value);
}

static void print(const char *name, const bool *value) {
  if (value) print(name, std::string(*value ? "true" : "false"));
}

static void print(const core__TimeslotType &slot) {
  print("startTimeInclusive", slot.startTimeInclusive);
  print("endTimeExclusive", slot.endTimeExclusive);
  print("healthcare_facility", slot.healthcare_x005ffacility);
  print("performer", slot.performer);
  print("bookingId", slot.bookingId);
  print("subject_of_care", slot.subject_x005fof_x005fcare);
  print("purpose", slot.purpose);
  print("reason", slot.reason);
  print("resourceName", slot.resourceName);
  print("healthcare_facility_name", slot.healthcare_x005ffacility_x005fname);
  print("performerName", slot.performerName);
  print("resourceID", slot.resourceID);
  print("timeTypeName", slot.timeTypeName);
  print("timeTypeID", slot.timeTypeID);
  print("careTypeName", slot.careTypeName);
  print("careTypeID", slot.careTypeID);
  print("cancel_booking_allowed", slot.cancel_x005fbooking_x005fallowed);
  print("rebooking_allowed", slot.rebooking_x005fallowed);
  print("message_allowed", slot.message_x005fallowed);
  print("isInvitation", slot.ext__isInvitation);
  std::cout << "--\n";
}

template <class Answer> static void print_result(const Answer &answer) {
  const char *codes[] = {"OK", "ERROR", "INFO"};  // in the order of ResultCodeEnum
  print("resultCode", std::string(codes[static_cast<int>(answer.resultCode)]));
  print("resultText", answer.resultText);
  std::cout << "--\n";
}

static core__TimeslotType wanted() {
  core__TimeslotType slot;
  slot.startTimeInclusive = field("startTimeInclusive");
  slot.endTimeExclusive = field("endTimeExclusive");
  slot.healthcare_x005ffacility = unit;
  slot.performer = field("performer");
  slot.bookingId = field("bookingId");
  slot.subject_x005fof_x005fcare = field("subject_of_care");
  slot.reason = field("reason");
  slot.resourceID = field("resourceID");
  slot.timeTypeID = field("timeTypeID");
  slot.careTypeID = field("careTypeID");
  return slot;
}

static core__SubjectOfCareType resident() {
  core__SubjectOfCareType who;
  who.phone = field("phone");
  who.email = field("email");
  who.ext__firstName = needed("firstName");
  who.ext__lastName = needed("lastName");
  return who;
}

// The call itself; what is wrong with its answer goes to standard error.
template <class Proxy, class Call> static int called(Call call) {
  Proxy proxy;
  soap_set_mode(proxy.soap, SOAP_C_UTFSTRING | SOAP_XML_STRICT);
  proxy.soap_endpoint = url.c_str();
  proxy.soap_header(&actor, &unit);
  if (call(proxy) == SOAP_OK) return 0;
  proxy.soap_stream_fault(std::cerr);
  return 1;
}

static int schedule() {
  return called<GetSubjectOfCareScheduleResponderBindingProxy>([](auto &proxy) {
    sched__GetSubjectOfCareScheduleType asked;
    sched__GetSubjectOfCareScheduleResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetSubjectOfCareSchedule(&asked, answer);
    if (status == SOAP_OK) for (auto *slot : answer.timeslotDetail) print(*slot);
    return status;
  });
}

static int details() {
  return called<GetBookingDetailsResponderBindingProxy>([](auto &proxy) {
    det__GetBookingDetailsType asked;
    det__GetBookingDetailsResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.bookingId = needed("bookingId");
    int status = proxy.GetBookingDetails(&asked, answer);
    if (status == SOAP_OK) print(*answer.timeslotDetail);
    return status;
  });
}

template <class Asked> static void ask_for_times(Asked &asked) {
  asked.healthcare_x005ffacility = unit;
  asked.bookingId = field("bookingId");
  asked.startDateInclusive = needed("startDateInclusive");
  asked.endDateInclusive = needed("endDateInclusive");
  asked.performer = many("performer");
  asked.timeTypeID = field("timeTypeID");
  asked.careTypeID = field("careTypeID");
}

static int timeslots() {
  return called<GetAvailableTimeslotsResponderBindingProxy>([](auto &proxy) {
    slots__GetAvailableTimeslotsType asked;
    slots__GetAvailableTimeslotsResponseType answer;
    ask_for_times(asked);
    asked.slotsx__subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetAvailableTimeslots(&asked, answer);
    if (status == SOAP_OK) for (auto *slot : answer.timeslotDetail) print(*slot);
    return status;
  });
}

static int dates() {
  return called<GetAvailableDatesResponderBindingProxy>([](auto &proxy) {
    dates__GetAvailableDatesType asked;
    dates__GetAvailableDatesResponseType answer;
    ask_for_times(asked);
    asked.datesx__subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetAvailableDates(&asked, answer);
    if (status == SOAP_OK) for (auto *day : answer.performerAvailabilityByDate) {
      print("healthcare_facility", day->healthcare_x005ffacility);
      print("performer", day->performer);
      print("date", day->date);
      print("timeTypeID", day->timeTypeID);
      print("careTypeID", day->careTypeID);
      std::cout << "--\n";
    }
    return status;
  });
}

static int time_types() {
  return called<GetAllTimeTypesResponderBindingProxy>([](auto &proxy) {
    times__GetAllTimeTypesType asked;
    times__GetAllTimeTypesResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.timesx__careTypeIDs = many("careTypeIDs");
    asked.timesx__subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetAllTimeTypes(&asked, answer);
    if (status == SOAP_OK) for (auto *kind : answer.ListOfTimeTypes) {
      print("timeTypeName", kind->timeTypeName);
      print("timeTypeId", kind->timeTypeId);
      std::cout << "--\n";
    }
    return status;
  });
}

static int care_types() {
  return called<GetAllCareTypesResponderBindingProxy>([](auto &proxy) {
    care__GetAllCareTypesType asked;
    care__GetAllCareTypesResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.timeTypeIDs = many("timeTypeIDs");
    asked.performer = many("performer");
    asked.subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetAllCareTypes(&asked, answer);
    if (status == SOAP_OK) for (auto *kind : answer.careTypes) {
      print("careTypeName", kind->careTypeName);
      print("careTypeId", kind->careTypeId);
      std::cout << "--\n";
    }
    return status;
  });
}

static int performers() {
  return called<GetAllPerformersResponderBindingProxy>([](auto &proxy) {
    perf__GetAllPerformersType asked;
    perf__GetAllPerformersResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.timeTypeIDs = many("timeTypeIDs");
    asked.careTypeIDs = many("careTypeIDs");
    asked.subject_x005fof_x005fcare = needed("subject_of_care");
    int status = proxy.GetAllPerformers(&asked, answer);
    if (status == SOAP_OK) for (auto *who : answer.performerInfos) {
      print("perfomer", who->perfomer);
      print("firstName", who->firstName);
      print("lastName", who->lastName);
      print("title", who->title);
      std::cout << "--\n";
    }
    return status;
  });
}

static int facilities() {
  return called<GetAllHealthcareFacilitiesResponderBindingProxy>([](auto &proxy) {
    fac__GetAllHealthcareFacilitiesType asked;
    fac__GetAllHealthcareFacilitiesResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.subject_x005fof_x005fcare = needed("subject_of_care");
    asked.bookingId = field("bookingId");
    int status = proxy.GetAllHealthcareFacilities(&asked, answer);
    if (status == SOAP_OK) for (auto *there : answer.healthcareFacilityInfos) {
      print("healthcare_facility", there->healthcare_x005ffacility);
      print("healthcare_facility_name", there->healthcare_x005ffacility_x005fname);
      std::cout << "--\n";
    }
    return status;
  });
}

static int make() {
  return called<MakeBookingResponderBindingProxy>([](auto &proxy) {
    core__TimeslotType slot = wanted();
    core__SubjectOfCareType who = resident();
    make__MakeBookingType asked;
    make__MakeBookingResponseType answer;
    asked.healthcare_x005ffacility_x005fmed = unit;
    asked.requestedTimeslot = &slot;
    asked.subject_x005fof_x005fcare_x005finfo = &who;
    int status = proxy.MakeBooking(&asked, answer);
    if (status == SOAP_OK) {
      print("bookingId", answer.bookingId);
      print_result(answer);
    }
    return status;
  });
}

static int update() {
  return called<UpdateBookingResponderBindingProxy>([](auto &proxy) {
    core__TimeslotType slot = wanted();
    core__SubjectOfCareType who = resident();
    upd__UpdateBookingType asked;
    upd__UpdateBookingResponseType answer;
    asked.requestedTimeslot = &slot;
    if (field("firstName")) asked.subject_x005fof_x005fcare_x005finfo = &who;
    int status = proxy.UpdateBooking(&asked, answer);
    if (status == SOAP_OK) print_result(answer);
    return status;
  });
}

static int cancel() {
  return called<CancelBookingResponderBindingProxy>([](auto &proxy) {
    can__CancelBookingType asked;
    can__CancelBookingResponseType answer;
    asked.healthcare_x005ffacility = unit;
    asked.bookingId = needed("bookingId");
    asked.message = field("message");
    int status = proxy.CancelBooking(&asked, answer);
    if (status == SOAP_OK) print_result(answer);
    return status;
  });
}

int main(int count, char **values) {
  const std::map<std::string, int (*)()> operations = {
      {"GetSubjectOfCareSchedule", schedule}, {"GetBookingDetails", details},
      {"GetAvailableTimeslots", timeslots},   {"GetAvailableDates", dates},
      {"GetAllTimeTypes", time_types},        {"GetAllCareTypes", care_types},
      {"GetAllPerformers", performers},       {"GetAllHealthcareFacilities", facilities},
      {"MakeBooking", make},                  {"UpdateBooking", update},
      {"CancelBooking", cancel},
  };
  if (count < 5 || !operations.count(values[2])) return 2;
  url = values[1];
  unit = values[3];
  actor.actorId = values[4];
  for (int at = 5; at < count; at++) {
    std::string pair = values[at];
    given[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
  }
  return operations.at(values[2])();
}
